#pragma once

#include <string>

#include "models/checkpoint/architecture.h"
#include "models/checkpoint/checkpoint.h"

namespace pleat {

/// One of every layer: Conv2d 1→2, BatchNorm2d, Sigmoid, AvgPool2d, MaxPool2d, Flatten, Linear 8→3, BatchNorm1d, ReLU
/// on an image of 1×10×10.
inline std::string small_architecture() {
  return R"({"format":"pleat.architecture/1","name":"small",
 "input":{"name":"input","shape":[1,10,10],"color":"gray","mean":[0],"std":[255]},
 "output":{"name":"output"},"labels":["a","b","c"],
 "layers":[{"type":"Conv2d","in_channels":1,"out_channels":2,"kernel_size":[3,3],"stride":[1,1],"padding":[0,0],"bias":true},
 {"type":"BatchNorm2d","num_features":2,"eps":1e-05,"momentum":0.1},{"type":"Sigmoid"},
 {"type":"AvgPool2d","kernel_size":[2,2],"stride":[2,2],"padding":[0,0]},
 {"type":"MaxPool2d","kernel_size":[2,2],"stride":[2,2],"padding":[0,0]},{"type":"Flatten"},
 {"type":"Linear","in_features":8,"out_features":3,"bias":true},
 {"type":"BatchNorm1d","num_features":3,"eps":1e-05,"momentum":null},{"type":"ReLU"}]})";
}

/// Its tensors with values 0.5, 0.51, …; 200 batches tracked.
inline Checkpoint small_checkpoint() {
  Checkpoint checkpoint;
  checkpoint.metadata = {{"architecture", small_architecture()}, {"format", "pt"}, {"pleat.train", "{\"seed\":1}"}};
  const auto architecture = parse_architecture(small_architecture());
  float next = 0.5F;
  for (const StateSpec& spec : state_of(architecture.value())) {
    if (spec.dtype == DType::kInt64) {
      checkpoint.tensors.push_back({spec.name, Tensor::scalar<std::int64_t>(200)});
      continue;
    }
    std::vector<float> values;
    for (std::int64_t i = 0; i < spec.shape.elements(); ++i) values.push_back(next += 0.01F);
    checkpoint.tensors.push_back({spec.name, Tensor::of<float>(spec.shape, values)});
  }
  return checkpoint;
}

/// Puts `tensor` in the place of the one named `name`.
inline void replace(Checkpoint& checkpoint, const std::string& name, Tensor tensor) {
  for (auto& entry : checkpoint.tensors)
    if (entry.name == name) entry.tensor = std::move(tensor);
}

inline std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  return at == std::string::npos ? "'" + from + "' not found" : text.replace(at, from.size(), to);
}

}  // namespace pleat
