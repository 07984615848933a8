#pragma once

#include <memory>
#include <string>

#include "runtime/base/files.h"
#include "runtime/graph/model.h"

namespace pleat {

/// How large weights that the file does not align reach memory.
enum class Weights {
  kAligned,  ///< copied at once: every tensor can be read
  kInFile,   ///< float tensors from 64 KiB on stay where they are (Tensor::in_file), to be loaded one by one
};

/// Reads an ONNX file. Weights are views into the mapped file where their alignment allows it.
/// External data is read beside the model; a location that leaves the model's folder is refused.
/// Malformed bytes, sizes that do not match and nesting beyond 100 graphs give kInvalid, never a crash.
Result<std::shared_ptr<const Model>> read_model(const std::string& path, Weights weights = Weights::kAligned);

/// The same from bytes that `storage` keeps alive; `path` serves messages and external data (empty: refuse those).
Result<Model> parse_model(std::span<const std::byte> bytes, std::shared_ptr<const void> storage,
                          const std::string& path = {});

/// One TensorProto from a `.pb` file, as in test_data_set folders; its name comes along.
Result<std::pair<std::string, Tensor>> read_tensor(const std::string& path);

}  // namespace pleat
