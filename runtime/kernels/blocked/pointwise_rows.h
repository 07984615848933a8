#pragma once

#include <cmath>
#include <cstdint>

#include "runtime/kernels/binary_function.h"
#include "runtime/kernels/blocked/bounds.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/blocked/pointwise.h"

namespace pleat {

/// How an operand meets the pixels of a row.
enum class Reach {
  kEach,    ///< a block of lanes for each pixel
  kHeld,    ///< one block of lanes for all pixels
  kSpread,  ///< one value for each pixel, for all lanes
  kScalar,  ///< one value for all pixels and lanes
};

/// Rows of one block of one operand; `row` elements from one to the next.
struct OperandRows {
  const float* data;
  std::int64_t row;
  Reach reach;
};

/// Some rows of one block of y, `lanes` of whose lanes are channels.
struct BinaryRows {
  BinaryFunction function;
  OperandRows a, b;
  float* y;
  std::int64_t y_row;
  std::int64_t rows, pixels, lanes;
  Bounds bounds;
};

struct NormalizationRows {
  const float *x, *mean, *scale, *shift;
  std::int64_t x_row;
  float* y;
  std::int64_t y_row;
  std::int64_t rows, pixels, lanes;
  Bounds bounds;
};

namespace reference {

inline float operand_value(const OperandRows& operand, std::int64_t row, std::int64_t pixel, std::int64_t lane) {
  const float* data = operand.data + row * operand.row;
  switch (operand.reach) {
    case Reach::kEach: return data[pixel * kChannelBlock + lane];
    case Reach::kHeld: return data[lane];
    case Reach::kSpread: return data[pixel];
    case Reach::kScalar: break;
  }
  return data[0];
}

inline void binary_rows(const BinaryRows& r) {
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t p = 0; p < r.pixels; ++p)
      for (std::int64_t l = 0; l < kChannelBlock; ++l) {
        const float value = apply(r.function, operand_value(r.a, row, p, l), operand_value(r.b, row, p, l));
        r.y[row * r.y_row + p * kChannelBlock + l] = l < r.lanes ? bounded(r.bounds, value) : 0;
      }
}

inline void normalize_rows(const NormalizationRows& r) {
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t p = 0; p < r.pixels; ++p)
      for (std::int64_t l = 0; l < kChannelBlock; ++l) {
        const float x = r.x[row * r.x_row + p * kChannelBlock + l];
        const float value = std::fma(x - r.mean[l], r.scale[l], r.shift[l]);
        r.y[row * r.y_row + p * kChannelBlock + l] = l < r.lanes ? bounded(r.bounds, value) : 0;
      }
}

}  // namespace reference
}  // namespace pleat
