#pragma once

#include <string>
#include <vector>

#include "runtime/plan/plan.h"

namespace pleat {

/// The inputs the caller must give, with every size settled: by `options.input_shapes`, else as declared, else
/// options.open_size. A size named alike in several inputs ("N") is one size. An input that has an initializer keeps
/// that value and is not asked for, unless `options.input_shapes` names it.
Result<std::vector<PlannedValue>> bind_inputs(const Model& model, const PlanOptions& options);

/// "'x', 'y'"; "none" for no names.
std::string quoted_list(const std::vector<std::string>& names);

}  // namespace pleat
