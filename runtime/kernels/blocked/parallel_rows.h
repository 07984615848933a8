#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/interval.h"
#include "runtime/kernels/rectangles.h"

namespace pleat {

/// Whether a row of pixels ends where the next one begins, so that several may be taken for one long row.
inline bool rows_join(const Planes& planes) { return planes.row_pixels() == planes.width; }

/// Rows of `elements` each that are worth another thread, for work of `cost` simple steps per element.
constexpr std::int64_t rows_worth_a_thread(std::int64_t elements, std::int64_t cost = 1) {
  return 16384 / (elements * cost + 1) + 1;
}

/// Whether threads share rows rather than blocks of large planes, as the convolutions before and after do, so that each
/// finds what it reads next at hand and not with another.
inline bool shares_rows(const Planes& planes) { return planes.height >= 24; }

/// Calls body(n, block, rows) on disjoint rows that cover each block of `planes` (without the halo), spread over the
/// pool in pieces of at least `grain` rows.
template <class Body>
void parallel_rows(const Planes& planes, bool by_rows, std::int64_t grain, ThreadPool& pool, const Body& body) {
  const std::int64_t height = planes.height, blocks = planes.blocks();
  pool.parallel_for(planes.batch * blocks * height, grain, [&](std::int64_t begin, std::int64_t end) {
    for_each_part(by_rows, height, blocks, {begin, end}, [&](std::int64_t n, Interval some, Interval rows) {
      for (std::int64_t b = some.begin; b < some.end; ++b) body(n, b, rows);
    });
  });
}

template <class Body>
void parallel_rows(const Planes& planes, std::int64_t grain, ThreadPool& pool, const Body& body) {
  parallel_rows(planes, shares_rows(planes), grain, pool, body);
}

}  // namespace pleat
