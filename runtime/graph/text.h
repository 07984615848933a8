#pragma once

#include <string>

#include "runtime/graph/model.h"

namespace pleat {

/// A stable, line-per-node form for people, golden tests and `pleat inspect`:
/// "%y = Conv(%x, %w, %b) {group=1, kernel_shape=[5,5]}  # conv1". Initializers appear with type and shape.
std::string to_text(const Model& model);
std::string to_text(const Graph& graph);

}  // namespace pleat
