#pragma once

#include <cmath>
#include <cstdint>
#include <limits>

#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// Neighbouring outputs of one row whose windows are cut by the padding in the same way; steps are in elements.
struct PoolSpan {
  const float* x = nullptr;  ///< the first tap of the first output that is no padding
  float* y = nullptr;
  std::int64_t outputs = 0, output_step = 0;  ///< of x; outputs lie kChannelBlock apart in y
  std::int64_t rows = 0, row_step = 0;        ///< taps that are no padding, at least one
  std::int64_t columns = 0, column_step = 0;
  float divisor = 1;  ///< of an average
};

namespace reference {

/// The largest tap of one lane, the first of equals; the first NaN wins.
inline float largest_tap(const PoolSpan& span, const float* x) {
  float largest = -std::numeric_limits<float>::infinity();
  for (std::int64_t r = 0; r < span.rows; ++r)
    for (std::int64_t c = 0; c < span.columns; ++c) {
      const float value = x[r * span.row_step + c * span.column_step];
      if (value > largest || (std::isnan(value) && !std::isnan(largest))) largest = value;
    }
  return largest;
}

/// The taps of one lane, added in row-major order.
inline float sum_of_taps(const PoolSpan& span, const float* x) {
  float sum = x[0];
  for (std::int64_t r = 0; r < span.rows; ++r)
    for (std::int64_t c = r == 0 ? 1 : 0; c < span.columns; ++c) sum += x[r * span.row_step + c * span.column_step];
  return sum;
}

inline void largest_of_span(const PoolSpan& span) {
  for (std::int64_t o = 0; o < span.outputs; ++o)
    for (std::int64_t l = 0; l < kChannelBlock; ++l)
      span.y[o * kChannelBlock + l] = largest_tap(span, span.x + o * span.output_step + l);
}

inline void average_of_span(const PoolSpan& span) {
  for (std::int64_t o = 0; o < span.outputs; ++o)
    for (std::int64_t l = 0; l < kChannelBlock; ++l)
      span.y[o * kChannelBlock + l] = sum_of_taps(span, span.x + o * span.output_step + l) / span.divisor;
}

}  // namespace reference
}  // namespace pleat
