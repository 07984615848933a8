#pragma once

#include <string>

#include "runtime/graph/model.h"

namespace pleat {

/// The outermost graph drawn top to bottom as one self-contained SVG: a box per node, an arrow per value,
/// BatchNormalization nodes set apart by colour. Equal graphs give equal bytes.
std::string to_svg(const Graph& graph);

}  // namespace pleat
