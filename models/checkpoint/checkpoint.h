#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/tensor/tensor.h"

namespace pleat {

/// A trained network as it leaves training: PyTorch's state-dict names ("0.weight", "1.running_mean", …) and the
/// architecture as JSON text, layer by layer, under the keys the layers of models/layers document.
struct Checkpoint {
  struct Entry {
    std::string name;
    Tensor tensor;
  };
  std::vector<Entry> tensors;                   ///< in the order of the file
  std::map<std::string, std::string> metadata;  ///< "architecture" holds the JSON; others are provenance

  const Tensor* find(const std::string& name) const;
};

/// Reads a safetensors file. Refuses bad header lengths, offsets that overlap, leave gaps or leave the file, unknown
/// element types, sizes that do not match the shape, and names given twice.
Result<Checkpoint> read_checkpoint(const std::string& path);

/// Writes safetensors, whole or not at all; equal checkpoints give equal bytes.
Status write_checkpoint(const Checkpoint& checkpoint, const std::string& path);

}  // namespace pleat
