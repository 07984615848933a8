#pragma once

#include "runtime/graph/attributes.h"
#include "runtime/kernels/unary.h"
#include "runtime/ops/op.h"

namespace pleat {

/// Y = f(X), element by element, for float and double, and Abs and Sign for integers too. `reader` has given a and b;
/// further attributes are refused, but for the `consumed_inputs` of opset 1 to 5.
Result<std::unique_ptr<Operator>> make_unary(Unary function, AttributeReader& reader, std::int64_t opset, float a = 0,
                                             float b = 0);

std::unique_ptr<Operator> make_unary(const Activation& f);

/// For functions without attributes.
Result<std::unique_ptr<Operator>> make_unary(Unary function, const Node& node, std::int64_t opset);

}  // namespace pleat
