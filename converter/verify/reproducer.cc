#include "converter/verify/reproducer.h"

#include <fmt/format.h>

#include <filesystem>

#include "converter/verify/widen.h"
#include "runtime/base/files.h"
#include "runtime/onnx/writer.h"

namespace pleat {
namespace {

/// The part as a model of its own, with the types and ranks of the golden data.
Model standing_alone(const Model& part, const NamedTensors& inputs, const NamedTensors& outputs) {
  Model model = part;
  model.producer_name = "pleat";
  const auto declare = [](std::vector<ValueInfo>& infos, const NamedTensors& values) {
    for (ValueInfo& info : infos) {
      const auto value = values.find(info.name);
      if (value == values.end()) continue;
      info.encoded_type.clear();
      info.type.dtype = value->second.dtype();
      info.type.shape.emplace();
      for (const std::int64_t size : value->second.shape()) info.type.shape->emplace_back().value = size;
    }
  };
  declare(model.graph.inputs, inputs);
  declare(model.graph.outputs, outputs);
  std::erase_if(model.graph.outputs, [](const ValueInfo& output) { return output.type.dtype == DType::kUndefined; });
  return model;
}

Status write_model(const std::filesystem::path& path, const Model& model) {
  PLEAT_ASSIGN(const std::string bytes, serialize(model));
  return write_file(path.string(), bytes);
}

Status write_tensors(const std::filesystem::path& folder, const char* prefix, const std::vector<std::string>& names,
                     const NamedTensors& values) {
  int number = 0;
  for (const std::string& name : names) {
    const auto value = values.find(name);
    if (value == values.end()) continue;
    const std::string file = fmt::format("{}_{}.pb", prefix, number++);
    PLEAT_TRY(write_file((folder / file).string(), serialize_tensor(name, value->second)));
  }
  return {};
}

/// The type the part's constants are stored in, else that of its inputs.
DType own_type(const Region& region, const GoldenData& golden) {
  for (const Initializer& constant : region.unfolded.graph.initializers)
    if (is_floating(constant.tensor.dtype())) return constant.tensor.dtype();
  for (const auto& [name, tensor] : golden.inputs)
    if (is_floating(tensor.dtype())) return tensor.dtype();
  return DType::kFloat;
}

Result<NamedTensors> rounded(const NamedTensors& values, DType own) {
  NamedTensors out;
  for (const auto& [name, tensor] : values) {
    if (!is_floating(tensor.dtype()) || tensor.dtype() == own) {
      out[name] = tensor;
      continue;
    }
    PLEAT_ASSIGN(const std::vector<double> numbers, to_doubles(tensor));
    PLEAT_ASSIGN(out[name], from_doubles(own, tensor.shape(), numbers));
  }
  return out;
}

std::string read_me(const Region& region, const Finding& failure) {
  return fmt::format(
      "The part of a network that was rewritten: {}.\n"
      "unfolded.onnx and folded.onnx must give the same for test_data_set_0/input_*.pb up to rounding.\n"
      "test_data_set_0/output_*.pb is what unfolded.onnx gives in double, rounded to the network's type.\n"
      "They differ at '{}' element {}: unfolded {:.9g}, folded {:.9g}, allowed {:.3g}.\n",
      region.label(), failure.tensor, failure.element, failure.unfolded, failure.folded, failure.bound);
}

}  // namespace

Status write_reproducer(const std::string& folder, const Region& region, const GoldenData& golden,
                        const Finding& failure) {
  const std::filesystem::path root(folder);
  const std::filesystem::path data = root / "test_data_set_0";
  std::error_code error;
  std::filesystem::create_directories(data, error);
  if (error) return fail(Error::usage("the folder for the reproducer cannot be made").at(folder).saw(error.message()));
  const DType own = own_type(region, golden);
  PLEAT_ASSIGN(const NamedTensors inputs, rounded(golden.inputs, own));
  PLEAT_ASSIGN(const NamedTensors outputs, rounded(golden.outputs, own));
  PLEAT_TRY(write_model(root / "unfolded.onnx", standing_alone(region.unfolded, inputs, outputs)));
  PLEAT_TRY(write_model(root / "folded.onnx", standing_alone(region.folded, inputs, outputs)));
  PLEAT_TRY(write_tensors(data, "input", region.inputs, inputs));
  PLEAT_TRY(write_tensors(data, "output", region.outputs, outputs));
  return write_file((root / "README.txt").string(), read_me(region, failure));
}

}  // namespace pleat
