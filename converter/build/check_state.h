#pragma once

#include <string>
#include <vector>

#include "models/checkpoint/architecture.h"
#include "models/checkpoint/checkpoint.h"

namespace pleat {

/// Refuses a checkpoint whose tensors are not exactly those of the architecture (names, element types, shapes), that
/// holds NaN or infinities, or a negative running_var. What is legal but suspicious comes back as warnings.
Result<std::vector<std::string>> check_state(const Architecture& architecture, const Checkpoint& checkpoint);

}  // namespace pleat
