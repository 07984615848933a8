#pragma once

#include <string>

#include "models/checkpoint/architecture.h"
#include "runtime/graph/model.h"

namespace pleat {

/// The ONNX node that computes layer `index` from value `input` into value `output`, for opsets 13 to 21.
/// Parameters are read under their state-dict names.
Node layer_node(const LayerSpec& spec, std::size_t index, const std::string& input, const std::string& output);

}  // namespace pleat
