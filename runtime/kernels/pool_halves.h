#pragma once

#include <cstdint>

namespace pleat {

/// Some rows of the outputs of windows of 2×2 that lie side by side. Row r reads 2·outputs elements of the rows 2·r and
/// 2·r + 1 of x, `x_row` elements apart, and writes those of row r of y, `y_row` apart. x and y do not overlap. Runs on
/// the calling thread; the same bits on every instruction set.
struct PoolHalves {
  const float* x;
  std::int64_t x_row;
  float* y;
  std::int64_t y_row;
  std::int64_t rows, outputs;
};

/// A quarter of the sum of each window, added in row-major order.
void average_halves(const PoolHalves& halves);

/// The largest element of each window, of equal ones the first in row-major order; NaN wins.
void maximum_halves(const PoolHalves& halves);

}  // namespace pleat
