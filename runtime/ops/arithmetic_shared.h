#pragma once

#include "runtime/kernels/binary_function.h"
#include "runtime/ops/op.h"

namespace pleat {

/// Output = A op B, element by element. From opset 7 both sides broadcast; before, B broadcasts to A where the
/// attribute `broadcast` says so, its axes placed from `axis` on. Integers wrap; dividing one by zero gives zero.
Result<std::unique_ptr<Operator>> make_arithmetic(BinaryFunction kind, const Node& node, std::int64_t opset);

}  // namespace pleat
