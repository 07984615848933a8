#include "cli/test_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>

#include "cli/named_tensors.h"
#include "cli/output.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {

namespace fs = std::filesystem;

namespace {

using Tensors = std::map<std::string, Tensor>;

/// Could tell a shape, axes or pads.
bool is_list_of_integers(const Tensor& tensor) {
  const bool integers = tensor.dtype() == DType::kInt64 || tensor.dtype() == DType::kInt32;
  return integers && tensor.shape().rank() <= 1;
}
/// Could tell scales or a mode, too.
bool is_list(const Tensor& tensor) { return tensor.shape().rank() <= 1; }

/// A session in which the inputs that are `fixed` are constants.
Result<std::unique_ptr<Session>> open_fixed(const Model& model, const Tensors& inputs, bool (*fixed)(const Tensor&),
                                            const PlanOptions& plan) {
  auto bound = std::make_shared<Model>(model);
  Tensors given;
  for (const auto& [name, tensor] : inputs) {
    if (fixed(tensor))
      bound->graph.initializers.push_back({name, tensor, {}, {}});
    else
      given.emplace(name, tensor);
  }
  return open_session(std::move(bound), given, plan);
}

bool unsupported(const Result<std::unique_ptr<Session>>& session) {
  return !session && session.error().code == ErrorCode::kUnsupported;
}

}  // namespace

Result<Tolerance> tolerance_of(const fs::path& folder, Tolerance otherwise) {
  std::ifstream file(folder / "data.json");
  if (!file) return otherwise;
  const Json json = Json::parse(file, nullptr, false);
  if (json.is_discarded() || !json.is_object())
    return fail(Error::invalid("not a JSON object").at((folder / "data.json").string()));
  for (auto [key, value] : {std::pair{"rtol", &otherwise.rtol}, std::pair{"atol", &otherwise.atol}})
    if (json.contains(key) && json[key].is_number()) *value = json[key].get<double>();
  return otherwise;
}

std::vector<fs::path> data_sets(const fs::path& folder) {
  std::vector<fs::path> sets;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(folder, error))
    if (entry.is_directory() && entry.path().filename().string().starts_with("test_data_set_"))
      sets.push_back(entry.path());
  std::sort(sets.begin(), sets.end());
  return sets;
}

Result<Tensor> stored_tensor(const fs::path& set, const char* kind, std::size_t index, DType declared) {
  const auto file = fmt::format("{}_{}.pb", kind, index);
  PLEAT_ASSIGN(auto named, read_tensor((set / file).string()));
  if (declared == DType::kBfloat16 && named.second.dtype() == DType::kUint16)
    return fail(Error::unsupported("the data contradicts its model, as ONNX up to 1.12 stored bfloat16")
                    .at(file)
                    .expect("bfloat16, rounded")
                    .saw("uint16, the upper halves of float32"));
  return std::move(named.second);
}

Result<Tensors> stored_inputs(const Model& model, const fs::path& set) {
  Tensors inputs;
  std::size_t index = 0;
  for (const ValueInfo& input : model.graph.inputs) {
    if (model.graph.initializer(input.name) != nullptr) continue;
    const std::size_t at = index++;
    if (!fs::exists(set / fmt::format("input_{}.pb", at))) continue;
    PLEAT_ASSIGN(inputs[input.name], stored_tensor(set, "input", at, input.type.dtype));
  }
  return inputs;
}

Result<std::unique_ptr<Session>> open_test(const std::shared_ptr<const Model>& model, const Tensors& inputs,
                                           const PlanOptions& plan) {
  auto session = open_session(model, inputs, plan);
  for (const auto fixed : {is_list_of_integers, is_list}) {
    if (!unsupported(session)) return session;
    auto again = open_fixed(*model, inputs, fixed, plan);
    if (!unsupported(again)) return again;
  }
  return session;
}

}  // namespace pleat::cli
