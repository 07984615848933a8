#pragma once

#include "runtime/tensor/dtype.h"

namespace pleat {

/// u: half the distance from 1 to the next number of a floating-point type; 0 for other types.
inline double unit_roundoff(DType dtype) {
  switch (dtype) {
    case DType::kFloat: return 0x1p-24;
    case DType::kDouble: return 0x1p-53;
    case DType::kFloat16: return 0x1p-11;
    case DType::kBfloat16: return 0x1p-8;
    default: return 0;
  }
}

}  // namespace pleat
