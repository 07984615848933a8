#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/kernels/blocked/bounds.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// Rows of outputs of one block of a convolution in groups. Steps are in elements.
struct GroupedRows {
  const float* x;                           ///< the first tap of the first output in block 0
  std::int64_t x_block;                     ///< from a block of x to the next
  std::int32_t first_input[kChannelBlock];  ///< of each lane's group; spare lanes repeat the last group
  std::int64_t inputs;                      ///< of a group
  const float* w;                           ///< [step of the sum][kChannelBlock]
  const float* bias;                        ///< of the block
  const float* addend;                      ///< of the first output, or null
  float* y;
  std::int64_t output_rows, x_output_row, addend_row, y_row;  ///< steps from a row of outputs to the next
  std::int64_t outputs, stride;                               ///< of a row; stride in pixels
  std::int64_t rows, row_step;                                ///< of taps
  std::int64_t columns, dilation;                             ///< dilation in pixels, along the row
  Bounds bounds;
};

namespace reference {

inline float grouped_sum(const GroupedRows& r, const float* x, std::int64_t lane) {
  float sum = r.bias[lane];
  const float* w = r.w + lane;
  for (std::int64_t block = 0; block < r.inputs; block += kChannelBlock)
    for (std::int64_t i = 0; i < r.rows; ++i)
      for (std::int64_t j = 0; j < r.columns; ++j)
        for (std::int64_t k = block; k < std::min(r.inputs, block + kChannelBlock); ++k, w += kChannelBlock) {
          const std::int64_t channel = r.first_input[lane] + k;
          sum = std::fma(x[channel / kChannelBlock * r.x_block + i * r.row_step + j * r.dilation * kChannelBlock +
                           channel % kChannelBlock],
                         *w, sum);
        }
  return sum;
}

inline void grouped_rows(const GroupedRows& r) {
  for (std::int64_t row = 0; row < r.output_rows; ++row)
    for (std::int64_t o = 0; o < r.outputs; ++o)
      for (std::int64_t l = 0; l < kChannelBlock; ++l) {
        const std::int64_t at = o * kChannelBlock + l;
        float sum = grouped_sum(r, r.x + row * r.x_output_row + o * r.stride * kChannelBlock, l);
        if (r.addend != nullptr) sum += r.addend[row * r.addend_row + at];
        r.y[row * r.y_row + at] = bounded(r.bounds, sum);
      }
}

}  // namespace reference
}  // namespace pleat
