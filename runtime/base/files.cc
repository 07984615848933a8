#include "runtime/base/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>

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

/// A new file under a name that nobody has, with the permissions any new file gets.
int create_beside(const std::string& path, std::string& name) {
  static std::atomic<unsigned> counter{0};
  int fd = -1;
  for (int attempt = 0; attempt < 100 && fd < 0; ++attempt) {
    name = path + ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(counter++);
    fd = ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 && errno != EEXIST) break;
  }
  return fd;
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

Result<PendingFile> PendingFile::write(const std::string& path, std::string_view content) {
  struct stat info {};
  if (::stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode))
    return fail(Error::invalid("what has this name is no regular file and is not replaced").at(path));
  std::string temporary;
  const Descriptor fd(create_beside(path, temporary));
  if (!fd.valid())
    return fail(system_error(path, "cannot create the file").fix("check that the folder exists and is writable"));
  PendingFile pending(path, temporary);
  if (!write_all(fd.get(), content) || ::fsync(fd.get()) != 0) return fail(system_error(path, "cannot write the file"));
  return pending;
}

PendingFile::PendingFile(PendingFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::exchange(other.temporary_, {})) {}

PendingFile::~PendingFile() {
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Status PendingFile::commit() && {
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return fail(system_error(path_, "cannot name the file"));
  temporary_.clear();
  return {};
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

}  // namespace pleat
