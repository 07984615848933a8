#include "cli/child.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace pleat::cli {
namespace {

constexpr char kGood = '+';

/// The first byte tells a result from an error; an error's code follows as a byte, then the text.
[[noreturn]] void answer(int to, const std::function<Result<std::string>()>& body) {
  if (const int nowhere = ::open("/dev/null", O_WRONLY); nowhere >= 0) ::dup2(nowhere, STDERR_FILENO);
  std::string text;
  try {
    auto result = body();
    text = result ? kGood + *result : std::string{'-', static_cast<char>(result.error().code)} + result.error().text();
  } catch (const std::exception& problem) {
    text = std::string{'-', static_cast<char>(ErrorCode::kInternal)} + problem.what();
  }
  const char* at = text.data();
  for (std::size_t left = text.size(); left > 0;) {
    const ssize_t written = ::write(to, at, left);
    if (written <= 0) ::_exit(1);
    at += written;
    left -= static_cast<std::size_t>(written);
  }
  ::_exit(0);
}

std::string read_all(int from) {
  std::string text;
  char block[4096];
  for (;;) {
    const ssize_t got = ::read(from, block, sizeof block);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return text;
    text.append(block, static_cast<std::size_t>(got));
  }
}

Error resource(const char* what) { return Error::resource(what).saw(std::strerror(errno)); }

}  // namespace

Result<std::string> in_child(const std::function<Result<std::string>()>& body) {
  std::fflush(nullptr);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail(resource("no pipe to be had"));
  const pid_t child = ::fork();
  if (child == 0) {
    ::close(ends[0]);
    answer(ends[1], body);
  }
  ::close(ends[1]);
  if (child < 0) {
    ::close(ends[0]);
    return fail(resource("no process to be had"));
  }
  std::string text = read_all(ends[0]);
  ::close(ends[0]);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && !text.empty()) {
    if (text[0] == kGood) return text.substr(1);
    Error error = Error::internal(text.substr(std::min<std::size_t>(2, text.size())));
    if (text.size() > 1) error.code = static_cast<ErrorCode>(text[1]);
    return fail(std::move(error));
  }
  const std::string how =
      WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) + " (" + ::strsignal(WTERMSIG(status)) + ")"
                          : "exit code " + std::to_string(WEXITSTATUS(status));
  return fail(Error::internal("it crashed").saw(how));
}

}  // namespace pleat::cli
