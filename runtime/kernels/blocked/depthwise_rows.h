#pragma once

#include <cmath>
#include <cstdint>

#include "runtime/kernels/blocked/bounds.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// Rows of outputs of one block. Steps are in elements.
struct DepthwiseRows {
  const float* x;       ///< the first tap of the first output
  const float* w;       ///< [rows][columns][kChannelBlock]
  const float* bias;    ///< of the block
  const float* addend;  ///< of the first output, or null
  float* y;
  std::int64_t output_rows, x_output_row, addend_row, y_row;  ///< steps from a row of outputs to the next
  std::int64_t outputs, stride;                               ///< of a row; stride in pixels
  std::int64_t rows, row_step;                                ///< of taps
  std::int64_t columns, dilation;                             ///< dilation in pixels, along the row
  Bounds bounds;
};

namespace reference {

inline float depthwise_sum(const DepthwiseRows& r, const float* x, std::int64_t lane) {
  float sum = r.bias[lane];
  for (std::int64_t i = 0; i < r.rows; ++i)
    for (std::int64_t j = 0; j < r.columns; ++j)
      sum = std::fma(x[i * r.row_step + j * r.dilation * kChannelBlock + lane],
                     r.w[(i * r.columns + j) * kChannelBlock + lane], sum);
  return sum;
}

inline void depthwise_rows(const DepthwiseRows& r) {
  for (std::int64_t row = 0; row < r.output_rows; ++row)
    for (std::int64_t o = 0; o < r.outputs; ++o)
      for (std::int64_t l = 0; l < kChannelBlock; ++l) {
        const std::int64_t at = o * kChannelBlock + l;
        float sum = depthwise_sum(r, r.x + row * r.x_output_row + o * r.stride * kChannelBlock, l);
        if (r.addend != nullptr) sum += r.addend[row * r.addend_row + at];
        r.y[row * r.y_row + at] = bounded(r.bounds, sum);
      }
}

}  // namespace reference
}  // namespace pleat
