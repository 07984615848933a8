#pragma once

#include "runtime/kernels/binary_function.h"

namespace pleat {

/// What the kernels of two values are judged by; shares no code with them.
inline float plain_binary(BinaryFunction function, float a, float b) {
  switch (function) {
    case BinaryFunction::kAdd: return a + b;
    case BinaryFunction::kSub: return a - b;
    case BinaryFunction::kMul: return a * b;
    case BinaryFunction::kDiv: break;
  }
  return a / b;
}

}  // namespace pleat
