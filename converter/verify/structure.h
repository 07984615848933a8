#pragma once

#include "converter/verify/regions.h"
#include "converter/verify/verdict.h"

namespace pleat {

enum class Strictness {
  kMeaning,     ///< what bears on the function that is computed
  kEverything,  ///< names of nodes, documentation, metadata (keys of "pleat." excepted) and unread fields too
};

/// Rung 1: interface and opsets are the same, the folded model is well formed, every changed node lies in a region
/// whose outputs both models have, no caller can override a new constant, and nothing else was changed.
RungReport check_structure(const Model& unfolded, const Model& folded, const ModelDifference& difference,
                           bool freeze_inputs, Strictness strictness);

/// Graph inputs that are not constants, with type and shape, and the outputs are the same.
Status same_interface(const Model& a, const Model& b, bool freeze_inputs = false);

}  // namespace pleat
