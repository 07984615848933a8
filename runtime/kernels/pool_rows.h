#pragma once

#include <cstdint>

namespace pleat {

/// Some rows of pooled outputs whose windows reach the same taps, all of them inside x. Steps are in elements. x and y
/// do not overlap. Runs on the calling thread; the same bits on every instruction set.
struct PoolRows {
  const float* x;       ///< what the first tap of the first output reads
  std::int64_t x_row;   ///< from a row of outputs to the next
  std::int64_t stride;  ///< from an output of a row to the next: 1 or 2
  std::int64_t tap_rows, tap_row;
  std::int64_t tap_columns, tap_column;
  float* y;
  std::int64_t y_row;
  std::int64_t rows, outputs;
};

/// The taps of each window, added in row-major order from the first on, divided by `count`.
void average_rows(const PoolRows& rows, float count);

/// The largest tap of each window, of equal ones the first in row-major order; NaN wins.
void maximum_rows(const PoolRows& rows);

}  // namespace pleat
