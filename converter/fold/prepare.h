#pragma once

#include "converter/fold/fold.h"

namespace pleat {

/// The model that folding starts from: calls of functions that hold BatchNormalizations replaced by their bodies, and
/// what the options assume written down: initializers that are inputs taken off the inputs, training mode switched off.
/// Inner graphs are copies of their own. `map` is told what concerns the whole model.
Result<Model> prepare(const Model& model, const FoldOptions& options, FoldMap& map);

/// BatchNormalizations in training mode become as if exported for inference, inner graphs included; not those whose
/// updated statistics something reads.
void assume_inference(Graph& graph, std::int64_t opset);

}  // namespace pleat
