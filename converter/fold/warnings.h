#pragma once

#include "converter/fold/fold.h"

namespace pleat {

/// Adds to the map what its owner should hear once per model: exported in training mode, constants that a caller may
/// override, statistics marked as per position that are not.
void add_warnings(const Model& model, FoldResult& result);

}  // namespace pleat
