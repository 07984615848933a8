#pragma once

#include "converter/verify/region_inputs.h"

namespace pleat {

using InputShapes = std::map<std::string, Shape>;

/// Shapes to try for the inputs of a region, best first; may be empty.
std::vector<InputShapes> candidate_shapes(const Region& region, const SeenInputs* seen);

}  // namespace pleat
