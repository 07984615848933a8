#pragma once

#include <cmath>
#include <cstdint>

#include "runtime/kernels/blocked/bounds.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// One row of outputs of one block. Steps are in elements.
struct DepthwiseRow {
  const float* x;       ///< the first tap of the first output
  const float* w;       ///< [rows][columns][kChannelBlock]
  const float* bias;    ///< of the block
  const float* addend;  ///< of the first output, or null
  float* y;
  std::int64_t outputs, stride;    ///< stride in pixels
  std::int64_t rows, row_step;     ///< of taps
  std::int64_t columns, dilation;  ///< dilation in pixels, along the row
  Bounds bounds;
};

namespace reference {

inline void depthwise_row(const DepthwiseRow& r) {
  for (std::int64_t o = 0; o < r.outputs; ++o)
    for (std::int64_t l = 0; l < kChannelBlock; ++l) {
      float sum = r.bias[l];
      for (std::int64_t i = 0; i < r.rows; ++i)
        for (std::int64_t j = 0; j < r.columns; ++j) {
          const std::int64_t pixel = o * r.stride + j * r.dilation;
          sum = std::fma(r.x[i * r.row_step + pixel * kChannelBlock + l], r.w[(i * r.columns + j) * kChannelBlock + l],
                         sum);
        }
      const std::int64_t at = o * kChannelBlock + l;
      if (r.addend != nullptr) sum += r.addend[at];
      r.y[at] = bounded(r.bounds, sum);
    }
}

}  // namespace reference
}  // namespace pleat
