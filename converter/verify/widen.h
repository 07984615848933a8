#pragma once

#include "converter/fold/constants.h"  // is_floating
#include "converter/verify/evaluator.h"

namespace pleat {

/// The type in which values stored as `stored` are computed; other than floating-point types stay.
DType computed_as(DType stored, Arithmetic arithmetic);

/// `tensor` in the type it is computed in, every value kept exactly; shared where nothing changes.
Result<Tensor> widened(const Tensor& tensor, Arithmetic arithmetic);

/// `node` as it runs in `arithmetic`: constants among its attributes and the types it names (Cast's `to`, `dtype`)
/// widened, inner graphs included.
Result<Node> widened(Node node, Arithmetic arithmetic);

}  // namespace pleat
