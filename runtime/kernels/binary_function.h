#pragma once

namespace pleat {

/// Functions of two values.
enum class BinaryFunction { kAdd, kSub, kMul, kDiv };

}  // namespace pleat
