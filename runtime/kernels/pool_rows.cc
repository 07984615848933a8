#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/pool_rows.cc"
#include "runtime/kernels/pool_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

using PoolD = hn::ScalableTag<float>;
using PoolV = hn::Vec<PoolD>;
inline constexpr std::int64_t kPoolLanes = hn::MaxLanes(PoolD());

/// Adding -0 changes no value, so a sum that starts from it is the sum that starts from the first element.
struct RowAverage {
  PoolV factor, divisor;
  bool exact;  ///< multiplying by the factor is dividing, the divisor being a power of two

  explicit HWY_INLINE RowAverage(const PoolRows& rows)
      : factor(hn::Set(PoolD(), 1 / rows.divisor)),
        divisor(hn::Set(PoolD(), rows.divisor)),
        exact(std::has_single_bit(static_cast<std::uint64_t>(rows.divisor))) {}
  static HWY_INLINE PoolV start() { return hn::Set(PoolD(), -0.0F); }
  static HWY_INLINE PoolV add(PoolV sum, PoolV value) { return hn::Add(sum, value); }
  HWY_INLINE PoolV end(PoolV sum) const { return exact ? hn::Mul(sum, factor) : hn::Div(sum, divisor); }
};

struct RowLargest {
  explicit HWY_INLINE RowLargest(const PoolRows&) {}
  static HWY_INLINE PoolV start() { return hn::Set(PoolD(), -std::numeric_limits<float>::infinity()); }
  /// value > largest || (NaN value, no NaN largest) ? value : largest
  static HWY_INLINE PoolV add(PoolV largest, PoolV value) {
    const auto stays = hn::Or(hn::Ge(largest, value), hn::IsNaN(largest));
    return hn::IfThenElse(stays, largest, value);
  }
  HWY_INLINE PoolV end(PoolV largest) const { return largest; }
};

/// Loads the taps of up to kPoolLanes neighbouring outputs and no element beyond them.
template <int kStep>
class TapLoader {
 public:
  HWY_INLINE explicit TapLoader(std::int64_t outputs)
      : low_(first(kStep * outputs)),
        high_(first(kStep * outputs - kPoolLanes)),
        last_low_(first(kStep * (outputs - 1) + 1)),
        last_high_(first(kStep * (outputs - 1) + 1 - kPoolLanes)) {}

  /// Folds in tap x[0] of each output and, with a step of 2, tap x[1].
  template <class Fold>
  HWY_INLINE PoolV fold(const float* x, PoolV folded) const {
    if constexpr (kStep == 1) return Fold::add(folded, hn::MaskedLoad(low_, d, x));
    const PoolV low = hn::MaskedLoad(low_, d, x), high = hn::MaskedLoad(high_, d, x + kPoolLanes);
    return Fold::add(Fold::add(folded, hn::ConcatEven(d, high, low)), hn::ConcatOdd(d, high, low));
  }
  /// Folds in tap x[0] alone, a step being 2.
  template <class Fold>
  HWY_INLINE PoolV fold_one(const float* x, PoolV folded) const {
    const PoolV low = hn::MaskedLoad(last_low_, d, x), high = hn::MaskedLoad(last_high_, d, x + kPoolLanes);
    return Fold::add(folded, hn::ConcatEven(d, high, low));
  }

 private:
  static constexpr PoolD d = {};
  static HWY_INLINE hn::Mask<PoolD> first(std::int64_t count) {
    return hn::FirstN(d, static_cast<std::size_t>(std::clamp<std::int64_t>(count, 0, kPoolLanes)));
  }
  hn::Mask<PoolD> low_, high_, last_low_, last_high_;
};

/// kColumns 0: as many taps in a row as `p` says.
template <class Fold, int kStep, int kColumns>
void pool_rows_of(const PoolRows& p) {
  const PoolD d;
  const Fold fold(p);
  const std::int64_t columns = kColumns > 0 ? kColumns : p.columns;
  for (std::int64_t o = 0; o < p.outputs; o += kPoolLanes) {
    const std::int64_t outputs = std::min(kPoolLanes, p.outputs - o);
    const TapLoader<kStep> taps(outputs);
    const auto present = hn::FirstN(d, static_cast<std::size_t>(outputs));
    const float* x = p.x + o * kStep;
    float* y = p.y + o;
    for (std::int64_t i = 0; i < p.count; ++i, x += p.x_next, y += p.y_next) {
      PoolV folded = Fold::start();
      const float* row = x;
      for (std::int64_t r = 0; r < p.rows; ++r, row += p.row_step) {
        std::int64_t c = 0;
        for (; c + kStep <= columns; c += kStep) folded = taps.template fold<Fold>(row + c, folded);
        if (c < columns) folded = taps.template fold_one<Fold>(row + c, folded);
      }
      if (outputs == kPoolLanes)
        hn::StoreU(fold.end(folded), d, y);
      else
        hn::BlendedStore(fold.end(folded), present, d, y);
    }
  }
}

template <class Fold>
void pool_rows(const PoolRows& p) {
  if (p.output_step == 1) return pool_rows_of<Fold, 1, 0>(p);
  if (p.columns == 2) return pool_rows_of<Fold, 2, 2>(p);
  if (p.columns == 3) return pool_rows_of<Fold, 2, 3>(p);
  pool_rows_of<Fold, 2, 0>(p);
}

void average_of_rows(const PoolRows& rows) { pool_rows<RowAverage>(rows); }
void largest_of_rows(const PoolRows& rows) { pool_rows<RowLargest>(rows); }

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

/// Calls body(first tap of an output, the output).
template <class Body>
void for_each_output(const PoolRows& p, const Body& body) {
  for (std::int64_t i = 0; i < p.count; ++i)
    for (std::int64_t o = 0; o < p.outputs; ++o) body(p.x + i * p.x_next + o * p.output_step, p.y[i * p.y_next + o]);
}

void average_of_rows(const PoolRows& p) {
  for_each_output(p, [&](const float* x, float& y) {
    float sum = x[0];
    for (std::int64_t r = 0; r < p.rows; ++r)
      for (std::int64_t c = r == 0 ? 1 : 0; c < p.columns; ++c) sum += x[r * p.row_step + c];
    y = sum / p.divisor;
  });
}

void largest_of_rows(const PoolRows& p) {
  for_each_output(p, [&](const float* x, float& y) {
    float largest = -std::numeric_limits<float>::infinity();
    for (std::int64_t r = 0; r < p.rows; ++r)
      for (std::int64_t c = 0; c < p.columns; ++c) {
        const float value = x[r * p.row_step + c];
        if (value > largest || (std::isnan(value) && !std::isnan(largest))) largest = value;
      }
    y = largest;
  });
}

}  // namespace reference

PoolRowsKernel average_rows_kernel() { return PLEAT_CHOOSE(average_of_rows); }
PoolRowsKernel largest_rows_kernel() { return PLEAT_CHOOSE(largest_of_rows); }

}  // namespace pleat
#endif
