#include "runtime/base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

#include "runtime/base/check.h"

namespace pleat {
namespace {

Error system_error(const std::string& path, std::string what) {
  const int number = errno;
  Error error = number == ENOSPC || number == EDQUOT || number == ENOMEM ? Error::resource(std::move(what))
                                                                         : Error::invalid(std::move(what));
  return std::move(error).at(path).saw(std::strerror(number));
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

/// Calls `create` with names beside `path` until one is free; negative where none could be made.
template <class Create>
int create_beside(const std::string& path, std::string& name, Create create) {
  static std::atomic<unsigned> counter{0};
  int result = -1;
  for (int attempt = 0; attempt < 100 && result < 0; ++attempt) {
    name = path + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    result = create(name.c_str());
    if (result < 0 && errno != EEXIST) break;
  }
  return result;
}

/// A new file with the permissions any new file gets.
int create_file(const char* name) { return ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666); }
int create_folder(const char* name) { return ::mkdir(name, 0777); }

Error cannot_create(const std::string& path) {
  return system_error(path, "cannot create the file").fix("check that the folder exists and is writable");
}

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  // Without waiting: to open a pipe that nobody writes would never return.
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (!fd.valid() || ::fstat(fd.get(), &info) != 0) return fail(system_error(path, "cannot open the file"));
  if (!S_ISREG(info.st_mode)) return fail(Error::invalid("not a regular file").at(path));
  const auto size = static_cast<std::size_t>(info.st_size);
  void* data = nullptr;
  if (size > 0) {
    data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd.get(), 0);
    if (data == MAP_FAILED) return fail(system_error(path, "cannot map the file"));
  }
  return std::shared_ptr<const MappedFile>(new MappedFile(path, static_cast<const std::byte*>(data), size));
}

MappedFile::~MappedFile() {
  if (data_ != nullptr) ::munmap(const_cast<std::byte*>(data_), size_);
}

void release_file_pages(std::span<const std::byte> bytes) {
  const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  const auto begin = (reinterpret_cast<std::uintptr_t>(bytes.data()) + page - 1) / page * page;
  const auto end = reinterpret_cast<std::uintptr_t>(bytes.data() + bytes.size()) / page * page;
  if (begin < end) ::madvise(reinterpret_cast<void*>(begin), end - begin, MADV_DONTNEED);
}

Result<PendingFile> PendingFile::create(const std::string& path, std::string temporary) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return fail(Error::invalid("what has this name is no regular file and is not replaced").at(path));
  const int fd = temporary.empty() ? create_beside(path, temporary, create_file) : create_file(temporary.c_str());
  if (fd < 0) return fail(cannot_create(path));
  return PendingFile(path, std::move(temporary), fd);
}

Result<PendingFile> PendingFile::write(const std::string& path, std::string_view content) {
  PLEAT_ASSIGN(PendingFile pending, create(path));
  PLEAT_TRY(pending.append(content));
  PLEAT_TRY(pending.finish());
  return pending;
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : path_(std::move(other.path_)),
      temporary_(std::exchange(other.temporary_, {})),
      fd_(std::exchange(other.fd_, -1)) {}

PendingFile::~PendingFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status PendingFile::append(std::string_view content) {
  PLEAT_CHECK(fd_ >= 0);
  if (!write_all(fd_, content)) return fail(system_error(path_, "cannot write the file"));
  return {};
}

Status PendingFile::finish() {
  PLEAT_CHECK(fd_ >= 0);
  const Descriptor fd(std::exchange(fd_, -1));
  if (::fsync(fd.get()) != 0) return fail(system_error(path_, "cannot write the file"));
  return {};
}

Status PendingFile::commit() && {
  PLEAT_CHECK(fd_ < 0);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return fail(system_error(path_, "cannot name the file"));
  temporary_.clear();
  return {};
}

Result<TemporaryFolder> TemporaryFolder::beside(const std::string& path) {
  std::string name;
  if (create_beside(path, name, create_folder) < 0) return fail(cannot_create(path));
  return TemporaryFolder(std::move(name));
}

TemporaryFolder::TemporaryFolder(TemporaryFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
}

Status check_writable(const std::string& path) {
  const auto pending = PendingFile::write(path, {});
  if (!pending) return fail(pending.error());
  return {};
}

Status write_file(const std::string& path, std::string_view content) {
  PLEAT_ASSIGN(auto pending, PendingFile::write(path, content));
  return std::move(pending).commit();
}

Status append_to_file(const std::string& path, std::string_view content) {
  const Descriptor fd(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  if (!fd.valid()) return fail(system_error(path, "cannot open the file"));
  if (!write_all(fd.get(), content) || ::fsync(fd.get()) != 0) return fail(system_error(path, "cannot write the file"));
  return {};
}

}  // namespace pleat
