#pragma once

#include "runtime/ops/op.h"

namespace pleat {

enum class Trigonometric { kSine, kCosine };

/// Y = f(X), element by element, for float and double. `node` must have no attributes.
Result<std::unique_ptr<Operator>> make_trigonometric(Trigonometric function, const Node& node);

}  // namespace pleat
