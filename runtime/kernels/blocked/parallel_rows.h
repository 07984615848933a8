#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/interval.h"

namespace pleat {

/// Whether a row of pixels ends where the next one begins, so that several may be taken for one long row.
inline bool rows_join(const Planes& planes) { return planes.row_pixels() == planes.width; }

/// Rows of `elements` each that are worth another thread, for work of `cost` simple steps per element.
constexpr std::int64_t rows_worth_a_thread(std::int64_t elements, std::int64_t cost = 1) {
  return 16384 / (elements * cost + 1) + 1;
}

/// Calls body(n, block, rows) on disjoint rows that cover each block of `planes` (without the halo), spread over the
/// pool in pieces of at least `grain` rows.
template <class Body>
void parallel_rows(const Planes& planes, std::int64_t grain, ThreadPool& pool, const Body& body) {
  const std::int64_t height = planes.height, blocks = planes.blocks();
  pool.parallel_for(planes.batch * blocks * height, grain, [&](std::int64_t at, std::int64_t end) {
    while (at < end) {
      const std::int64_t plane = at / height, first = at % height;
      const std::int64_t last = std::min(height, first + end - at);
      body(plane / blocks, plane % blocks, Interval{first, last});
      at += last - first;
    }
  });
}

}  // namespace pleat
