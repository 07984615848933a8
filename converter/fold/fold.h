#pragma once

#include "converter/fold/fold_map.h"
#include "runtime/base/result.h"
#include "runtime/graph/model.h"

namespace pleat {

struct FoldOptions {
  bool flush_subnormals = true;  ///< set folded float values below 2⁻¹²⁶ to 0, and report how many
};

struct FoldResult {
  Model folded;
  FoldMap map;
};

/// Folds every inference-mode BatchNormalization whose layer may take it; the others stay, each with its reason in the
/// map. `model` is not touched and shares constants with the result. Nothing to fold gives an equal model; folding a
/// folded model changes nothing; equal models give equal results.
///
/// Names: graph inputs and outputs, the layer node and the BatchNormalization's output keep theirs, new constants and
/// values get fresh ones. A model of IR version 3 becomes version 4, its constants no longer being inputs.
/// Fails only on a model whose structure is broken (kInvalid) or for want of memory (kResource).
Result<FoldResult> fold(const Model& model, const FoldOptions& options = {});

}  // namespace pleat
