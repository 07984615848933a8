#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "runtime/base/result.h"

namespace pleat {

/// A whole file mapped read-only for as long as the object lives.
class MappedFile {
 public:
  static Result<std::shared_ptr<const MappedFile>> open(const std::string& path);
  ~MappedFile();
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::byte> bytes() const { return {data_, size_}; }
  const std::string& path() const { return path_; }

 private:
  MappedFile(std::string path, const std::byte* data, std::size_t size)
      : path_(std::move(path)), data_(data), size_(size) {}

  std::string path_;
  const std::byte* data_;
  std::size_t size_;
};

/// Gives back the memory of bytes of a mapped file, but for the pages at both ends; reading them brings them back.
/// Only for files mapped read-only: other memory would be lost.
void release_file_pages(std::span<const std::byte> bytes);

/// Replaces `path` by `content` whole or not at all: a temporary neighbour is written, synced and renamed.
Status write_file(const std::string& path, std::string_view content);

/// Adds to the end of an existing file and syncs it.
Status append_to_file(const std::string& path, std::string_view content);

/// Whether write_file could write there, told before the work whose result it is; leaves nothing behind.
Status check_writable(const std::string& path);

/// A file under a temporary name beside `path`; `commit` gives it its name, destruction removes it.
/// Lets a writer check what it wrote before anyone can see it.
class PendingFile {
 public:
  static Result<PendingFile> write(const std::string& path, std::string_view content);
  /// An empty one, for content that comes in parts. `temporary` names it where that must be chosen: on the same file
  /// system, not existing yet.
  static Result<PendingFile> create(const std::string& path, std::string temporary = {});
  PendingFile(PendingFile&&) noexcept;
  PendingFile& operator=(PendingFile&&) = delete;
  ~PendingFile();

  Status append(std::string_view content);
  /// Makes what was appended last on the disk and closes the file.
  Status finish();

  const std::string& temporary_path() const { return temporary_; }
  /// The file must be finished.
  Status commit() &&;

 private:
  PendingFile(std::string path, std::string temporary, int fd)
      : path_(std::move(path)), temporary_(std::move(temporary)), fd_(fd) {}

  std::string path_;
  std::string temporary_;
  int fd_;
};

/// An empty folder under a temporary name beside `path`, removed at the end with the files in it.
class TemporaryFolder {
 public:
  static Result<TemporaryFolder> beside(const std::string& path);
  TemporaryFolder(TemporaryFolder&&) noexcept;
  TemporaryFolder& operator=(TemporaryFolder&&) = delete;
  ~TemporaryFolder();

  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFolder(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

}  // namespace pleat
