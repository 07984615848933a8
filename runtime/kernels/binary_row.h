#pragma once

#include <cstdint>

#include "runtime/kernels/binary_function.h"

namespace pleat {

/// An operand of a row: its values side by side, or one value for all.
struct RowOperand {
  const float* data;
  bool repeats;
};

/// y[i] = a[i] function b[i] for i < count, on the calling thread; y may be a or b where that does not repeat. The bits
/// are those of the C++ operators.
void binary_row(BinaryFunction function, RowOperand a, RowOperand b, float* y, std::int64_t count);

}  // namespace pleat
