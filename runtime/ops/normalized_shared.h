#pragma once

#include <string_view>

#include "runtime/ops/op.h"

namespace pleat {

/// A scale or shift of exactly the shape of the axes it is applied to.
Status expect_shape_of_axes(const Fact& parameter, std::string_view name, const Shape& axes);

}  // namespace pleat
