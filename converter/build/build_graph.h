#pragma once

#include <string>
#include <vector>

#include "models/checkpoint/checkpoint.h"
#include "runtime/graph/model.h"

namespace pleat {

inline constexpr int kLowestOpset = 13;
inline constexpr int kHighestOpset = 21;

struct ExportOptions {
  int opset = 17;              ///< kLowestOpset to kHighestOpset
  bool dynamic_batch = false;  ///< the batch is the open size "N" instead of 1
};

struct BuiltModel {
  Model model;
  std::vector<std::string> warnings;  ///< legal, but likely a mistake
};

/// The network as ONNX, layer by layer, nothing folded: batch normalization in inference form. Initializers keep
/// PyTorch's names and share the checkpoint's memory; nodes are named "<layer>_<type>" ("1_BatchNorm2d"). The metadata
/// tells what a caller needs to feed images: "pleat.architecture" (name), "pleat.input" (JSON, see runtime/image),
/// "pleat.labels" (JSON list, where there are labels), and the checkpoint's own "pleat." keys.
/// A checkpoint that does not fit its architecture, or holds values no network can have, is refused.
Result<BuiltModel> build_graph(const Checkpoint& checkpoint, const ExportOptions& options = {});

}  // namespace pleat
