#include "cli/named_tensors.h"

#include <algorithm>
#include <random>

#include "runtime/onnx/npy.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {

Result<Tensor> read_tensor_file(const std::string& path) {
  if (path.ends_with(".npy")) return read_npy(path);
  if (path.ends_with(".pb")) {
    PLEAT_ASSIGN(auto named, read_tensor(path));
    return std::move(named.second);
  }
  return fail(Error::usage("unknown kind of tensor file").at(path).expect("a name that ends in .npy or .pb"));
}

Result<std::map<std::string, Tensor>> read_named_tensors(const std::vector<std::string>& arguments) {
  std::map<std::string, Tensor> tensors;
  for (const std::string& argument : arguments) {
    const auto equals = argument.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(Error::usage("a tensor is given as name=file").saw(argument).fix("for example input=x.npy"));
    PLEAT_ASSIGN(Tensor tensor, read_tensor_file(argument.substr(equals + 1)));
    if (!tensors.emplace(argument.substr(0, equals), std::move(tensor)).second)
      return fail(Error::usage("a tensor is given twice").saw(argument.substr(0, equals)));
  }
  return tensors;
}

Result<std::unique_ptr<Session>> open_session(std::shared_ptr<const Model> model,
                                              const std::map<std::string, Tensor>& inputs, PlanOptions options) {
  for (const auto& [name, tensor] : inputs) options.input_shapes[name] = tensor.shape();
  PLEAT_ASSIGN(auto plan, Plan::make(std::move(model), options));
  for (const PlannedValue& input : plan->inputs())
    if (inputs.count(input.name) == 0)
      return fail(Error::usage("an input of the model is missing")
                      .expect("'" + input.name + "': " + std::string(dtype_name(input.dtype)) + input.shape.text())
                      .fix("add --input " + input.name + "=FILE.npy"));
  PLEAT_ASSIGN(auto session, Session::create(plan, {options.threads}));
  for (const auto& [name, tensor] : inputs) PLEAT_TRY(session->set_input(name, tensor.view()));
  return session;
}

Result<std::map<std::string, Tensor>> made_up_inputs(std::shared_ptr<const Model> model) {
  PLEAT_ASSIGN(auto plan, Plan::make(std::move(model)));
  std::mt19937_64 random(1);
  std::map<std::string, Tensor> inputs;
  for (const PlannedValue& input : plan->inputs()) {
    std::vector<double> values(static_cast<std::size_t>(input.shape.elements()));
    for (double& value : values) value = static_cast<double>(random() >> 11) * 0x1p-53;
    auto tensor = from_doubles(input.dtype, input.shape, values);
    if (!tensor)
      return fail(std::move(tensor).error().at("input '" + input.name + "'").fix("give it with --input name=FILE.npy"));
    inputs.emplace(input.name, std::move(*tensor));
  }
  return inputs;
}

}  // namespace pleat::cli
