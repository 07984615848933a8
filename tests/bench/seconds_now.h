#pragma once

#include <ctime>

namespace pleat {

/// Of one thread its own time, so that others may use the processor in between.
inline double seconds_now(int threads) {
  timespec time = {};
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

}  // namespace pleat
