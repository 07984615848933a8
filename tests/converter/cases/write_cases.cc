// write_fold_cases FOLDER: every computable case as files, for other engines: FOLDER/<case>/model.onnx, folded.onnx,
// inputs/<i>.npy, outputs/<i>.npy (what the oracle computes, in double) and expectation.json.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "runtime/onnx/npy.h"
#include "runtime/onnx/writer.h"
#include "tests/converter/cases/case.h"

namespace pleat {
namespace {

namespace fs = std::filesystem;
constexpr int kRun = 1;

void write_bytes(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// In its own type; integers and bool are written as float64, which holds them exactly.
Tensor tensor_of(const OracleValue& value, DType dtype) {
  std::vector<double> elements;
  for (const Tracked& element : value.data) elements.push_back(element.value);
  return from_doubles(dtype, Shape(value.dims), elements).value();
}

bool is_real(DType dtype) { return dtype == DType::kFloat || dtype == DType::kDouble || dtype == DType::kFloat16; }

/// The options of `pleat fold` that the case asks for.
std::vector<std::string> flags(const FoldOptions& options) {
  std::vector<std::string> out;
  if (options.assume_inference) out.push_back("--assume-inference");
  if (options.freeze_inputs) out.push_back("--freeze-inputs");
  if (options.dequantize_weights) out.push_back("--dequantize-weights");
  if (options.decompose) out.push_back("--decompose");
  if (options.keep_ir) out.push_back("--keep-ir");
  if (!options.flush_subnormals) out.push_back("--no-flush");
  return out;
}

bool holds_half(const Model& model) {
  return std::ranges::any_of(model.graph.initializers,
                             [](const Initializer& constant) { return constant.tensor.dtype() == DType::kFloat16; });
}

/// Writes the inputs and what the model makes of exactly these.
void write_values(const RowCase& row_case, const Model& model, const fs::path& folder, nlohmann::json& about) {
  OracleValues inputs = feed(model, kRun, row_case.critic());
  std::size_t next = 0;
  for (const ValueInfo& info : model.graph.inputs) {
    if (model.graph.initializer(info.name) != nullptr) {
      inputs.erase(info.name);
      continue;
    }
    OracleValue& value = inputs.at(info.name);
    const Tensor stored = tensor_of(value, is_real(info.type.dtype) ? info.type.dtype : DType::kDouble);
    value = oracle_value(stored);
    value.dtype = info.type.dtype;
    about["inputs"].push_back({{"name", info.name}, {"type", dtype_name(info.type.dtype)}});
    if (!write_npy(folder / "inputs" / fmt::format("{}.npy", next++), stored)) about["unwritten"] = true;
  }
  const OracleValues all = oracle_run(model, inputs, {nullptr, row_case.options.assume_inference});
  next = 0;
  for (const ValueInfo& info : model.graph.outputs) {
    about["outputs"].push_back(info.name);
    const Tensor stored = tensor_of(all.at(info.name), DType::kDouble);
    if (!write_npy(folder / "outputs" / fmt::format("{}.npy", next++), stored)) about["unwritten"] = true;
  }
}

bool write_case(const RowCase& row_case, const CaseSizes& sizes, const fs::path& root) {
  const Model model = row_case.model(sizes);
  const auto folded = fold(model, row_case.options);
  if (!folded) return false;
  const fs::path folder = root / row_case.label(sizes);
  fs::create_directories(folder / "inputs");
  fs::create_directories(folder / "outputs");
  nlohmann::json about = {{"row", row_case.row},
                          {"name", row_case.name},
                          {"alike", sizes.colliding},
                          {"flags", flags(row_case.options)},
                          {"half", holds_half(model)},
                          {"positive", row_case.positive()},
                          {"pleat_folded", folded->map.folded()},
                          {"pleat_kept", folded->map.kept()}};
  for (const FoldEntry& entry : folded->map.entries) about["codes"].push_back(entry.code);
  write_values(row_case, model, folder, about);
  write_bytes(folder / "model.onnx", serialize(model).value());
  write_bytes(folder / "folded.onnx", serialize(folded->folded).value());
  write_bytes(folder / "expectation.json", about.dump(2) + "\n");
  return true;
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: write_fold_cases FOLDER\n");
    return 2;
  }
  int written = 0;
  for (const pleat::RowCase& row_case : pleat::all_cases())
    for (const auto& sizes : {pleat::CaseSizes::distinct(), pleat::CaseSizes::alike()})
      if (row_case.computed && pleat::write_case(row_case, sizes, argv[1])) ++written;
  fmt::print("{} cases in {}\n", written, argv[1]);
  return 0;
}
