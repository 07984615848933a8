#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/pool_rows.cc"
#include "runtime/kernels/pool_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;
constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));

/// The first `count` elements, zeros behind them.
HWY_INLINE V load(const float* from, std::int64_t count) {
  if (count >= kLanes) return hn::LoadU(D(), from);
  return hn::MaskedLoad(hn::FirstN(D(), static_cast<std::size_t>(std::max<std::int64_t>(0, count))), D(), from);
}

/// tap(vector of one tap) for all taps of `outputs` windows, the first of which begins at x. Of a shape that is not 0
/// the loops unroll.
template <class Shape, class Tap>
HWY_INLINE void each_tap(const PoolRows& p, const float* x, std::int64_t outputs, const Tap& tap) {
  const std::int64_t stride = Shape::kStride != 0 ? Shape::kStride : p.stride;
  const std::int64_t tap_rows = Shape::kTaps != 0 ? Shape::kTaps : p.tap_rows;
  const std::int64_t tap_columns = Shape::kTaps != 0 ? Shape::kTaps : p.tap_columns;
  const std::int64_t tap_column = Shape::kTaps != 0 ? 1 : p.tap_column;
#pragma GCC unroll 3
  for (std::int64_t h = 0; h < tap_rows; ++h, x += p.tap_row) {
    if (stride == 1) {
#pragma GCC unroll 3
      for (std::int64_t v = 0; v < tap_columns; ++v) tap(load(x + v * tap_column, outputs));
      continue;
    }
    // Neighbouring taps come from the same elements.
    const std::int64_t together = tap_column == 1 ? 2 : 1;
#pragma GCC unroll 2
    for (std::int64_t v = 0; v < tap_columns; v += together) {
      const bool both = together == 2 && v + 1 < tap_columns;
      const float* from = x + v * tap_column;
      const std::int64_t elements = 2 * outputs - (both ? 0 : 1);
      const V low = load(from, elements), high = load(from + kLanes, elements - kLanes);
      tap(hn::ConcatEven(D(), high, low));
      if (both) tap(hn::ConcatOdd(D(), high, low));
    }
  }
}

template <class Shape, class Join, class End>
HWY_INLINE void pool_shape(const PoolRows& p, const Join& join, const End& end) {
  for (std::int64_t r = 0; r < p.rows; ++r)
    for (std::int64_t i = 0; i < p.outputs; i += kLanes) {
      const std::int64_t left = p.outputs - i;
      V joined = hn::Zero(D());
      bool first = true;
      each_tap<Shape>(p, p.x + r * p.x_row + i * p.stride, std::min(left, kLanes), [&](V value) HWY_ATTR {
        joined = first ? value : join(joined, value);
        first = false;
      });
      joined = end(joined);
      float* y = p.y + r * p.y_row + i;
      if (left >= kLanes)
        hn::StoreU(joined, D(), y);
      else
        hn::BlendedStore(joined, hn::FirstN(D(), static_cast<std::size_t>(left)), D(), y);
    }
}

/// Square windows of some taps side by side, at some stride; 0 stands for any.
template <int kTapsOfShape, int kStrideOfShape>
struct PoolShape {
  static constexpr int kTaps = kTapsOfShape, kStride = kStrideOfShape;
};

/// Windows of 2×2 side by side, the rows of a narrow image being the inner loop.
template <class Join, class End>
HWY_INLINE void pool_halves(const PoolRows& p, const Join& join, const End& end) {
  constexpr D d;
  for (std::int64_t i = 0; i < p.outputs; i += kLanes) {
    const auto elements = static_cast<std::size_t>(std::min(2 * (p.outputs - i), 2 * kLanes));
    const auto low = hn::FirstN(d, elements), here = hn::FirstN(d, (elements + 1) / 2);
    const auto high = hn::FirstN(d, elements - std::min<std::size_t>(elements, kLanes));
    for (std::int64_t r = 0; r < p.rows; ++r) {
      const float* above = p.x + r * p.x_row + 2 * i;
      const float* below = above + p.tap_row;
      const V a = hn::MaskedLoad(low, d, above), a_next = hn::MaskedLoad(high, d, above + kLanes);
      const V b = hn::MaskedLoad(low, d, below), b_next = hn::MaskedLoad(high, d, below + kLanes);
      V joined = join(hn::ConcatEven(d, a_next, a), hn::ConcatOdd(d, a_next, a));
      joined = join(joined, hn::ConcatEven(d, b_next, b));
      joined = join(joined, hn::ConcatOdd(d, b_next, b));
      hn::BlendedStore(end(joined), here, d, p.y + r * p.y_row + i);
    }
  }
}

template <class Join, class End>
HWY_INLINE void pool(const PoolRows& p, const Join& join, const End& end) {
  const bool square = p.tap_rows == p.tap_columns && p.tap_column == 1;
  if (square && p.tap_rows == 2 && p.stride == 2) return pool_halves(p, join, end);
  if (square && p.tap_rows == 3 && p.stride == 1) return pool_shape<PoolShape<3, 1>>(p, join, end);
  if (square && p.tap_rows == 3 && p.stride == 2) return pool_shape<PoolShape<3, 2>>(p, join, end);
  pool_shape<PoolShape<0, 0>>(p, join, end);
}

void average(const PoolRows& p, float count) {
  const V divisor = hn::Set(D(), count), inverse = hn::Set(D(), 1 / count);
  // The inverse of a power of two gives the same bits sooner.
  const bool exact = (std::bit_cast<std::uint32_t>(count) & 0x7fffff) == 0;
  pool(
      p, [](V sum, V value) HWY_ATTR { return hn::Add(sum, value); },
      [&](V sum) HWY_ATTR { return exact ? hn::Mul(sum, inverse) : hn::Div(sum, divisor); });
}

void maximum(const PoolRows& p) {
  pool(
      p,
      [](V most, V value) HWY_ATTR {
        const auto wins = hn::Or(hn::Gt(value, most), hn::And(hn::IsNaN(value), hn::Not(hn::IsNaN(most))));
        return hn::IfThenElse(wins, value, most);
      },
      [](V most) HWY_ATTR { return most; });
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class Join, class End>
void pool(const PoolRows& p, const Join& join, const End& end) {
  for (std::int64_t r = 0; r < p.rows; ++r)
    for (std::int64_t i = 0; i < p.outputs; ++i) {
      const float* x = p.x + r * p.x_row + i * p.stride;
      float joined = *x;
      for (std::int64_t h = 0; h < p.tap_rows; ++h)
        for (std::int64_t v = h == 0 ? 1 : 0; v < p.tap_columns; ++v)
          joined = join(joined, x[h * p.tap_row + v * p.tap_column]);
      p.y[r * p.y_row + i] = end(joined);
    }
}

void average(const PoolRows& p, float count) {
  pool(
      p, [](float sum, float value) { return sum + value; }, [&](float sum) { return sum / count; });
}

void maximum(const PoolRows& p) {
  pool(
      p,
      [](float most, float value) { return value > most || (std::isnan(value) && !std::isnan(most)) ? value : most; },
      [](float most) { return most; });
}

}  // namespace reference

void average_rows(const PoolRows& rows, float count) { PLEAT_CHOOSE(average)(rows, count); }
void maximum_rows(const PoolRows& rows) { PLEAT_CHOOSE(maximum)(rows); }

}  // namespace pleat
#endif
