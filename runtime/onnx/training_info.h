#pragma once

#include "runtime/graph/model.h"

namespace pleat {

/// Whether the model carries graphs for training (ModelProto.training_info), which name its initializers.
bool has_training_info(const Model& model);

}  // namespace pleat
