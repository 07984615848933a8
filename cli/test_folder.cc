#include "cli/test_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>

#include "cli/output.h"
#include "runtime/onnx/reader.h"

namespace pleat::cli {

namespace fs = std::filesystem;

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

Result<Tensor> stored_tensor(const fs::path& set, const char* kind, std::size_t index) {
  PLEAT_ASSIGN(auto named, read_tensor((set / fmt::format("{}_{}.pb", kind, index)).string()));
  return std::move(named.second);
}

Result<std::map<std::string, Tensor>> stored_inputs(const Model& model, const fs::path& set) {
  std::map<std::string, Tensor> inputs;
  std::size_t index = 0;
  for (const ValueInfo& input : model.graph.inputs) {
    if (model.graph.initializer(input.name) != nullptr) continue;
    const std::size_t at = index++;
    if (!fs::exists(set / fmt::format("input_{}.pb", at))) continue;
    PLEAT_ASSIGN(inputs[input.name], stored_tensor(set, "input", at));
  }
  return inputs;
}

}  // namespace pleat::cli
