#pragma once

#include "runtime/graph/model.h"

namespace pleat {

/// The same network in double: every floating-point constant, annotation, Constant and Cast target widened, inner
/// graphs included. Constants keep their values exactly. What is not floating point is shared.
Result<Model> to_double(const Model& model);

/// `tensor` in double where it is of a floating-point type, else itself.
Result<Tensor> widened(const Tensor& tensor);

}  // namespace pleat
