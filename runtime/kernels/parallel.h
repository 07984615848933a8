#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// Fewer multiply-adds are not worth another thread: to hand them over and to fetch what it wrote takes a microsecond,
/// and several where two threads share no cache.
inline constexpr std::int64_t kFewMultiplyAdds = 200'000;

/// Splits [0, count) evenly over the pool and calls body(thread, begin, end) at most once per thread, so that a thread
/// may own a slot of scratch. The pool must not have more threads than scratch was planned for.
template <class Body>
void parallel_slots(ThreadPool& pool, std::int64_t count, Body&& body) {
  const std::int64_t threads = pool.threads();
  pool.parallel_for(threads, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t thread = first; thread < last; ++thread) {
      const std::int64_t begin = count * thread / threads;
      const std::int64_t end = count * (thread + 1) / threads;
      if (begin < end) body(thread, begin, end);
    }
  });
}

}  // namespace pleat
