#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/pool_halves.cc"
#include "runtime/kernels/pool_halves.h"

#include <algorithm>
#include <cmath>

#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// function(first, second, third, fourth element of each window) on whole vectors of windows.
template <class Function>
HWY_INLINE void each_window(const PoolHalves& p, const Function& function) {
  constexpr D d;
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));
  for (std::int64_t r = 0; r < p.rows; ++r) {
    const float* above = p.x + 2 * r * p.x_row;
    const float* below = above + p.x_row;
    float* y = p.y + r * p.y_row;
    const auto make = [&](V a, V a_next, V b, V b_next) HWY_ATTR {
      return function(hn::ConcatEven(d, a_next, a), hn::ConcatOdd(d, a_next, a), hn::ConcatEven(d, b_next, b),
                      hn::ConcatOdd(d, b_next, b));
    };
    std::int64_t i = 0;
    for (; i + kLanes <= p.outputs; i += kLanes)
      hn::StoreU(make(hn::LoadU(d, above + 2 * i), hn::LoadU(d, above + 2 * i + kLanes), hn::LoadU(d, below + 2 * i),
                      hn::LoadU(d, below + 2 * i + kLanes)),
                 d, y + i);
    if (i == p.outputs) continue;
    const std::int64_t left = 2 * (p.outputs - i);
    const auto here = hn::FirstN(d, static_cast<std::size_t>(std::min(left, kLanes)));
    const auto next = hn::FirstN(d, static_cast<std::size_t>(std::max<std::int64_t>(0, left - kLanes)));
    const auto load = [&](const float* x, auto mask) HWY_ATTR { return hn::MaskedLoad(mask, d, x); };
    hn::BlendedStore(make(load(above + 2 * i, here), load(above + 2 * i + kLanes, next), load(below + 2 * i, here),
                          load(below + 2 * i + kLanes, next)),
                     hn::FirstN(d, static_cast<std::size_t>(p.outputs - i)), d, y + i);
  }
}

void average(const PoolHalves& p) {
  each_window(p, [](V a, V b, V c, V e)
                     HWY_ATTR { return hn::Mul(hn::Add(hn::Add(hn::Add(a, b), c), e), hn::Set(D(), 0.25F)); });
}

HWY_INLINE V larger(V first, V second) {
  const auto more = hn::Or(hn::Gt(second, first), hn::And(hn::IsNaN(second), hn::Not(hn::IsNaN(first))));
  return hn::IfThenElse(more, second, first);
}

void maximum(const PoolHalves& p) {
  each_window(p, [](V a, V b, V c, V e) HWY_ATTR { return larger(larger(larger(a, b), c), e); });
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class Function>
void each_window(const PoolHalves& p, const Function& function) {
  for (std::int64_t r = 0; r < p.rows; ++r) {
    const float* above = p.x + 2 * r * p.x_row;
    const float* below = above + p.x_row;
    for (std::int64_t i = 0; i < p.outputs; ++i)
      p.y[r * p.y_row + i] = function(above[2 * i], above[2 * i + 1], below[2 * i], below[2 * i + 1]);
  }
}

void average(const PoolHalves& p) {
  each_window(p, [](float a, float b, float c, float e) { return (((a + b) + c) + e) * 0.25F; });
}

float larger(float first, float second) {
  return second > first || (std::isnan(second) && !std::isnan(first)) ? second : first;
}

void maximum(const PoolHalves& p) {
  each_window(p, [](float a, float b, float c, float e) { return larger(larger(larger(a, b), c), e); });
}

}  // namespace reference

void average_halves(const PoolHalves& halves) { PLEAT_CHOOSE(average)(halves); }
void maximum_halves(const PoolHalves& halves) { PLEAT_CHOOSE(maximum)(halves); }

}  // namespace pleat
#endif
