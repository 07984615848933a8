#include "cli/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace pleat::cli {
namespace {

constexpr int kWidth = 24;
constexpr auto kPause = std::chrono::milliseconds(100);

double seconds(std::chrono::steady_clock::duration span) { return std::chrono::duration<double>(span).count(); }

}  // namespace

Progress::Progress(std::string label, std::int64_t total)
    : label_(std::move(label)),
      total_(std::max<std::int64_t>(1, total)),
      terminal_(::isatty(STDERR_FILENO) == 1),
      start_(std::chrono::steady_clock::now()) {}

Progress::~Progress() { hide(); }

void Progress::hide() {
  if (drawn_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

void Progress::show(std::int64_t done, std::int64_t total) {
  total_ = std::max<std::int64_t>(1, total);
  show(done, std::string());
}

void Progress::show(std::int64_t done, const std::string& note) {
  if (!terminal_) return;
  const auto now = std::chrono::steady_clock::now();
  if (drawn_ && now - last_ < kPause) return;
  last_ = now;
  drawn_ = true;
  const double share = std::min(1.0, static_cast<double>(done) / static_cast<double>(total_));
  const int filled = static_cast<int>(share * kWidth);
  const double left = share > 0 ? seconds(now - start_) * (1 - share) / share : 0;
  fmt::print(stderr, "\r\033[K{} [{:#<{}}{:.<{}}] {:3.0f} %  {:.0f} s left  {}", label_, "", filled, "",
             kWidth - filled, share * 100, left, note);
  std::fflush(stderr);
}

}  // namespace pleat::cli
