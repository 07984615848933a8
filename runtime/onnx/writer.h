#pragma once

#include <string>

#include "runtime/graph/model.h"

namespace pleat {

/// The model as ONNX bytes: equal models give equal bytes, and a model just read gives a protobuf-equal message.
/// New tensors are written as raw_data. Fails with kResource beyond protobuf's 2 GB.
Result<std::string> serialize(const Model& model);

/// A TensorProto, for test_data_set folders.
std::string serialize_tensor(const std::string& name, const Tensor& tensor);

}  // namespace pleat
