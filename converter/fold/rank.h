#pragma once

#include <optional>

#include "converter/fold/constants.h"

namespace pleat {

/// The number of axes of `value` where the model proves it: by its annotation, or by the operators that made it.
std::optional<int> rank_of(const FoldContext& context, const std::string& value);

}  // namespace pleat
