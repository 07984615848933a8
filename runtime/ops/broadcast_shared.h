#pragma once

#include <cstdint>
#include <vector>

#include "runtime/tensor/shape.h"

namespace pleat {

/// How to walk two broadcast inputs beside their output: few loops, outermost first, steps in elements and 0 where an
/// input repeats. Axes that can be walked as one are one; there is always at least one.
struct BroadcastLoop {
  std::int64_t size;
  std::int64_t a_step;
  std::int64_t b_step;
  std::int64_t out_step;
};

/// `a` and `b` must broadcast to `out`.
std::vector<BroadcastLoop> broadcast_loops(const Shape& a, const Shape& b, const Shape& out);

}  // namespace pleat
