#pragma once

#include "converter/verify/layer.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Rung 1: inputs, outputs, opsets, and every node and constant that no fold concerns are the same; in the place of
/// each fold stands its layer with the folded constants, under the same names.
RungReport check_structure(const Model& unfolded, const Model& folded, const std::vector<CheckedLayer>& layers);

/// Graph inputs that are not constants, with type and shape, and the outputs are the same.
Status same_interface(const Model& a, const Model& b);

}  // namespace pleat
