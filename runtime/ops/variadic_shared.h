#pragma once

#include "runtime/ops/op.h"

namespace pleat {

enum class Variadic { kSum, kMean, kMax, kMin };

/// One or more inputs joined element by element, from the first to the last; kMean divides the sum by their number.
/// From opset 8 they broadcast together; before, they have one shape. NaN wins over numbers in kMax and kMin.
Result<std::unique_ptr<Operator>> make_variadic(Variadic kind, const Node& node, std::int64_t opset);

}  // namespace pleat
