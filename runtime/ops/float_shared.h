#pragma once

#include <span>
#include <string_view>

#include "runtime/base/check.h"
#include "runtime/ops/op.h"

/// What operators on real numbers have in common.

namespace pleat {

/// float or double; other types are kUnsupported and named.
Status expect_float(const Fact& input, std::string_view name);

/// All present inputs have the type of the first, which is float or double.
Status expect_one_float_type(std::span<const Fact> inputs);

/// Calls body with a zero of the type, which must be float or double.
template <class Body>
auto with_float(DType dtype, Body&& body) {
  PLEAT_CHECK(dtype == DType::kFloat || dtype == DType::kDouble);
  return dtype == DType::kFloat ? body(float{}) : body(double{});
}

}  // namespace pleat
