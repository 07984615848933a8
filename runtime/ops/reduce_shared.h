#pragma once

#include "runtime/kernels/reduce.h"
#include "runtime/ops/op.h"

namespace pleat {

/// The reductions along axes. The axes are an attribute and, from opset `input_opset` on, an input; none means all,
/// unless the attribute noop_with_empty_axes says that each element is reduced by itself.
Result<std::unique_ptr<Operator>> make_reduction(Reduction reduction, const Node& node, std::int64_t opset,
                                                 std::int64_t input_opset = 18);

}  // namespace pleat
