#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace pleat::cli {

/// A bar on stderr, drawn only where that is a terminal, at most ten times a second; gone without trace when it ends.
class Progress {
 public:
  explicit Progress(std::string label, std::int64_t total = 1);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void show(std::int64_t done, const std::string& note = {});
  void show(std::int64_t done, std::int64_t total);
  void hide();

 private:
  std::string label_;
  std::int64_t total_;
  bool terminal_;
  bool drawn_ = false;
  std::chrono::steady_clock::time_point start_;
  std::chrono::steady_clock::time_point last_{};
};

}  // namespace pleat::cli
