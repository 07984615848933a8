#include "runtime/ops/broadcast_shared.h"

namespace pleat {
namespace {

/// Steps of `shape` along each axis of `out`, 0 where it repeats.
std::vector<std::int64_t> steps_along(const Shape& shape, const Shape& out) {
  std::vector<std::int64_t> steps = shape.strides();
  for (int axis = 0; axis < shape.rank(); ++axis)
    if (shape[axis] == 1) steps[static_cast<std::size_t>(axis)] = 0;
  steps.insert(steps.begin(), static_cast<std::size_t>(out.rank()) - steps.size(), 0);
  return steps;
}

/// One step of `outer` is the whole of `inner`, for both inputs alike.
bool joins(const BroadcastLoop& outer, const BroadcastLoop& inner) {
  return outer.a_step == inner.a_step * inner.size && outer.b_step == inner.b_step * inner.size;
}

}  // namespace

std::vector<BroadcastLoop> broadcast_loops(const Shape& a, const Shape& b, const Shape& out) {
  const auto a_steps = steps_along(a, out), b_steps = steps_along(b, out), out_steps = out.strides();
  std::vector<BroadcastLoop> loops;
  for (int axis = 0; axis < out.rank(); ++axis) {
    const auto i = static_cast<std::size_t>(axis);
    if (out[axis] == 1) continue;
    const BroadcastLoop loop{out[axis], a_steps[i], b_steps[i], out_steps[i]};
    if (!loops.empty() && joins(loops.back(), loop))
      loops.back() = {loops.back().size * loop.size, loop.a_step, loop.b_step, loop.out_step};
    else
      loops.push_back(loop);
  }
  if (loops.empty()) loops.push_back({1, 0, 0, 1});
  return loops;
}

}  // namespace pleat
