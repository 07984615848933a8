#pragma once

#include <cstdint>

namespace pleat {

/// Neighbouring outputs of some rows of a row-major plane, no tap in the padding. Taps of a row of the window are
/// neighbours; steps are in elements.
struct PoolRows {
  const float* x = nullptr;  ///< the first tap of the first output
  float* y = nullptr;
  std::int64_t outputs = 0, output_step = 1;  ///< 1 or 2 in x
  std::int64_t count = 1;                     ///< rows of outputs
  std::int64_t x_next = 0, y_next = 0;        ///< from one of them to the next
  std::int64_t rows = 1, row_step = 0;        ///< taps
  std::int64_t columns = 1;
  float divisor = 1;  ///< of an average
};

/// For the instruction set in use: y = the sum of the taps in row-major order, started from the first, over the
/// divisor.
using PoolRowsKernel = void (*)(const PoolRows&);
PoolRowsKernel average_rows_kernel();

/// Likewise the largest tap, the first of equals; the first NaN wins.
PoolRowsKernel largest_rows_kernel();

}  // namespace pleat
