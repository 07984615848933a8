#pragma once

namespace pleat {

/// Functions of two values.
enum class BinaryFunction { kAdd, kSub, kMul, kDiv };

namespace reference {

inline float apply(BinaryFunction function, float a, float b) {
  switch (function) {
    case BinaryFunction::kAdd: return a + b;
    case BinaryFunction::kSub: return a - b;
    case BinaryFunction::kMul: return a * b;
    case BinaryFunction::kDiv: break;
  }
  return a / b;
}

}  // namespace reference
}  // namespace pleat
