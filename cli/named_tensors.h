#pragma once

#include <map>
#include <string>
#include <vector>

#include "runtime/session/session.h"

namespace pleat::cli {

/// Reads "name=file" arguments; the file is NumPy's .npy or an ONNX TensorProto (.pb).
Result<std::map<std::string, Tensor>> read_named_tensors(const std::vector<std::string>& arguments);

/// One tensor from a .npy or .pb file.
Result<Tensor> read_tensor_file(const std::string& path);

/// A session for the shapes of `inputs`, with them copied in. Every input the model asks for must be given.
Result<std::unique_ptr<Session>> open_session(std::shared_ptr<const Model> model,
                                              const std::map<std::string, Tensor>& inputs, PlanOptions options);

/// Every input of the model filled with the same reproducible numbers in [0, 1), for timing without data.
Result<std::map<std::string, Tensor>> made_up_inputs(std::shared_ptr<const Model> model);

}  // namespace pleat::cli
