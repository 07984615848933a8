#include "converter/build/build_graph.h"

#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "converter/build/check_state.h"
#include "converter/build/layer_nodes.h"
#include "models/checkpoint/architecture.h"

namespace pleat {
namespace {

/// The oldest file version that may carry each opset, from kLowestOpset on (onnx/helper's table of releases).
constexpr std::array<std::int64_t, kHighestOpset - kLowestOpset + 1> kIrVersions{7, 7, 8, 8, 8, 8, 9, 9, 10};

std::string input_json(const InputSpec& input) {
  const nlohmann::ordered_json json = {
      {"format", "pleat.input/1"},
      {"color", input.color},
      {"mean", input.mean},
      {"std", input.std},
      {"size", {input.shape[1], input.shape[2]}},
      {"invert", "auto"},
  };
  return json.dump();
}

ValueInfo value_info(const std::string& name, const Shape& sample, bool dynamic_batch) {
  Dim batch{1, {}, {}, {}};
  if (dynamic_batch) batch = {-1, "N", {}, {}};
  ValueInfo value;
  value.name = name;
  value.type.dtype = DType::kFloat;
  value.type.shape.emplace({batch});
  for (const std::int64_t size : sample) value.type.shape->push_back({size, {}, {}, {}});
  return value;
}

/// "input" and "output" of the architecture must not be names that the graph itself hands out.
Status check_names(const Architecture& architecture) {
  std::set<std::string> taken;
  for (const auto& spec : state_of(architecture)) taken.insert(spec.name);
  for (std::size_t i = 0; i < architecture.layers.size(); ++i)
    taken.insert(fmt::format("{}_{}_out", i, type_name(architecture.layers[i])));
  for (const auto& name : {architecture.input.name, architecture.output_name})
    if (taken.contains(name))
      return fail(Error::invalid("the name of an input or output is that of an inner value")
                      .saw(name)
                      .fix("name it \"input\" or \"output\"")
                      .at("the architecture"));
  return {};
}

Graph chain(const Architecture& architecture, const std::vector<Shape>& shapes, const Checkpoint& checkpoint,
            bool dynamic_batch) {
  Graph graph;
  graph.name = architecture.name;
  graph.inputs = {value_info(architecture.input.name, shapes.front(), dynamic_batch)};
  graph.outputs = {value_info(architecture.output_name, shapes.back(), dynamic_batch)};
  std::string value = architecture.input.name;
  for (std::size_t i = 0; i < architecture.layers.size(); ++i) {
    const bool last = i + 1 == architecture.layers.size();
    const auto& layer = architecture.layers[i];
    std::string made = last ? architecture.output_name : fmt::format("{}_{}_out", i, type_name(layer));
    graph.nodes.push_back(layer_node(layer, i, value, made));
    if (!last) graph.value_info.push_back(value_info(made, shapes[i + 1], dynamic_batch));
    value = std::move(made);
  }
  for (const auto& spec : state_of(architecture))
    if (spec.dtype == DType::kFloat) graph.initializers.push_back({spec.name, *checkpoint.find(spec.name), {}, {}});
  return graph;
}

void add_metadata(Model& model, const Architecture& architecture, const Checkpoint& checkpoint) {
  model.set_metadata("pleat.architecture", architecture.name);
  model.set_metadata("pleat.input", input_json(architecture.input));
  if (!architecture.labels.empty()) model.set_metadata("pleat.labels", nlohmann::json(architecture.labels).dump());
  for (const auto& [key, value] : checkpoint.metadata)
    if (key.starts_with("pleat.") && model.metadata(key) == nullptr) model.set_metadata(key, value);
}

/// Labels name the classes that the last axis counts.
Status check_labels(const Architecture& architecture, const Shape& output) {
  const auto classes = output.rank() == 1 ? output[0] : -1;
  if (architecture.labels.empty() || static_cast<std::int64_t>(architecture.labels.size()) == classes) return {};
  return fail(Error::invalid("as many labels as outputs are needed, or none")
                  .expect(fmt::format("labels for an output of {}", output.text()))
                  .saw(fmt::format("{} labels", architecture.labels.size()))
                  .at("the architecture"));
}

}  // namespace

Result<BuiltModel> build_graph(const Checkpoint& checkpoint, const ExportOptions& options) {
  if (options.opset < kLowestOpset || options.opset > kHighestOpset)
    return fail(Error::usage("this opset cannot be exported")
                    .expect(fmt::format("{} to {}", kLowestOpset, kHighestOpset))
                    .saw(fmt::format("{}", options.opset)));
  PLEAT_ASSIGN(const Architecture architecture, architecture_of(checkpoint));
  PLEAT_ASSIGN(const auto shapes, activation_shapes(architecture));
  PLEAT_TRY(check_labels(architecture, shapes.back()));
  PLEAT_TRY(check_names(architecture));
  BuiltModel built;
  PLEAT_ASSIGN(built.warnings, check_state(architecture, checkpoint));
  Model& model = built.model;
  model.ir_version = kIrVersions[static_cast<std::size_t>(options.opset - kLowestOpset)];
  model.opset_imports = {{"", options.opset}};
  model.producer_name = "pleat";
  model.producer_version = PLEAT_VERSION;
  model.graph = chain(architecture, shapes, checkpoint, options.dynamic_batch);
  add_metadata(model, architecture, checkpoint);
  return built;
}

}  // namespace pleat
