#pragma once

#include <sched.h>
#include <sys/resource.h>

#include <chrono>
#include <filesystem>
#include <iterator>

namespace pleat {

/// While it lives, this thread and those it starts may use at most `count` of the CPUs they had.
class OnlyCpus {
 public:
  explicit OnlyCpus(int count) {
    ::sched_getaffinity(0, sizeof before_, &before_);
    cpu_set_t few;
    CPU_ZERO(&few);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&few) < count; ++cpu)
      if (CPU_ISSET(cpu, &before_)) CPU_SET(cpu, &few);
    ::sched_setaffinity(0, sizeof few, &few);
  }
  ~OnlyCpus() { ::sched_setaffinity(0, sizeof before_, &before_); }
  OnlyCpus(const OnlyCpus&) = delete;
  OnlyCpus& operator=(const OnlyCpus&) = delete;

 private:
  cpu_set_t before_;
};

inline int threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<int>(std::distance(begin(tasks), end(tasks)));
}

inline std::chrono::microseconds cpu_time_of_this_process() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& t) {
    return std::chrono::seconds(t.tv_sec) + std::chrono::microseconds(t.tv_usec);
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

}  // namespace pleat
