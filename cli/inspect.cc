#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/named_tensors.h"
#include "cli/output.h"
#include "cli/verb.h"
#include "models/checkpoint/checkpoint.h"
#include "runtime/base/files.h"
#include "runtime/graph/svg.h"
#include "runtime/graph/text.h"
#include "runtime/onnx/reader.h"
#include "runtime/ops/registry.h"

namespace pleat::cli {
namespace {

struct Options {
  std::string file;
  std::string svg;
  std::vector<std::string> tensors;
  bool text = false;
  bool operators = false;
  bool json = false;
};

std::string described(const TensorType& type) {
  std::string out(dtype_name(type.dtype));
  if (!type.shape) return out + " of unknown rank";
  std::string dims;
  for (const Dim& dim : *type.shape)
    dims += (dims.empty() ? "" : ",") + (dim.known() ? std::to_string(dim.value) : dim.param.empty() ? "?" : dim.param);
  return out + "[" + dims + "]";
}

Json values_json(const std::vector<ValueInfo>& values, const Graph& graph) {
  Json list = Json::array();
  for (const ValueInfo& value : values)
    if (graph.initializer(value.name) == nullptr)
      list.push_back({{"name", value.name}, {"type", described(value.type)}});
  return list;
}

std::map<std::string, int> count_operators(const Graph& graph) {
  std::map<std::string, int> counts;
  for (const Node& node : graph.nodes) ++counts[node.op_type];
  return counts;
}

std::int64_t count_parameters(const Graph& graph) {
  std::int64_t count = 0;
  for (const Initializer& initializer : graph.initializers)
    if (initializer.tensor.present()) count += initializer.tensor.elements();
  return count;
}

/// One row per BatchNormalization: channels and the range of |scale| = |γ|/√(σ²+ε).
Json batch_norm_table(const Graph& graph) {
  Json rows = Json::array();
  for (const Node& node : graph.nodes) {
    if (!node.is("BatchNormalization") || node.inputs.size() != 5) continue;
    Json row = {{"node", node.label()}};
    const Initializer* gamma = graph.initializer(node.inputs[1]);
    const Initializer* variance = graph.initializer(node.inputs[4]);
    const Attribute* epsilon = node.attribute("epsilon");
    const float* value = epsilon == nullptr ? nullptr : std::get_if<float>(&epsilon->value);
    const double eps = value == nullptr ? 1e-5F : *value;
    auto g = gamma == nullptr ? Result<std::vector<double>>() : to_doubles(gamma->tensor);
    auto v = variance == nullptr ? Result<std::vector<double>>() : to_doubles(variance->tensor);
    if (g && v && !g->empty() && g->size() == v->size()) {
      std::vector<double> scales;
      for (std::size_t c = 0; c < g->size(); ++c) scales.push_back(std::fabs((*g)[c]) / std::sqrt((*v)[c] + eps));
      const auto [least, most] = std::minmax_element(scales.begin(), scales.end());
      row["channels"] = scales.size();
      row["scale_min"] = number(*least);
      row["scale_max"] = number(*most);
    }
    rows.push_back(row);
  }
  return rows;
}

/// What one run takes, where this build can run the model.
Json plan_json(const std::shared_ptr<const Model>& model) {
  auto plan = Plan::make(model);
  if (!plan) return {{"runnable", false}, {"why", plan.error().text()}};
  std::int64_t macs = 0;
  for (const Plan::Step& step : (*plan)->steps()) macs += step.op->macs();
  return {{"runnable", true},
          {"steps", (*plan)->steps().size()},
          {"macs", macs},
          {"arena_bytes", (*plan)->arena_bytes()},
          {"live_peak_bytes", (*plan)->live_peak_bytes()},
          {"scratch_bytes", (*plan)->scratch_bytes()}};
}

/// A number as JSON has it: NaN and infinity are texts there.
std::string shown(const Json& number) {
  return number.is_string() ? number.get<std::string>() : fmt::format("{:.4g}", number.get<double>());
}

void print_text(const Json& j) {
  fmt::print("{}\n  made by {} {}; IR {}, opset {}\n", j["file"].get<std::string>(), j["producer"].get<std::string>(),
             j["producer_version"].get<std::string>(), j["ir_version"].dump(), j["opset"].dump());
  for (const char* kind : {"inputs", "outputs"})
    for (const Json& value : j[kind])
      fmt::print("  {:<8} {}  {}\n", std::string(kind, std::string_view(kind).size() - 1),
                 value["name"].get<std::string>(), value["type"].get<std::string>());
  fmt::print("  {} nodes, {} parameters:", j["nodes"].dump(), j["parameters"].dump());
  for (const auto& [op, count] : j["operators"].items()) fmt::print(" {}×{}", count.dump(), op);
  fmt::print("\n");
  const Json& plan = j["plan"];
  if (plan["runnable"].get<bool>())
    fmt::print("  one run: {} steps, {:.3f} MMAC; memory plan {} bytes (least possible {}), scratch {}\n",
               plan["steps"].dump(), plan["macs"].get<double>() / 1e6, plan["arena_bytes"].dump(),
               plan["live_peak_bytes"].dump(), plan["scratch_bytes"].dump());
  else
    fmt::print("  cannot be run here: {}\n", plan["why"].get<std::string>());
  for (const Json& bn : j["batch_norms"]) {
    fmt::print("  {}", bn["node"].get<std::string>());
    if (bn.contains("channels"))
      fmt::print(": {} channels, |scale| {} to {}", bn["channels"].dump(), shown(bn["scale_min"]),
                 shown(bn["scale_max"]));
    fmt::print("\n");
  }
  if (j["batch_norms"].empty()) fmt::print("  no BatchNormalization left\n");
  for (const auto& [key, value] : j["metadata"].items()) {
    const auto text = value.get<std::string>();
    fmt::print("  {} = {}{}\n", key, text.substr(0, 80), text.size() > 80 ? "…" : "");
  }
}

/// A checkpoint's or a model's tensors by name.
Result<const Tensor*> find_tensor(const std::string& name, const Checkpoint* checkpoint, const Model* model) {
  const Tensor* tensor = nullptr;
  if (checkpoint != nullptr) tensor = checkpoint->find(name);
  if (model != nullptr)
    if (const Initializer* initializer = model->graph.initializer(name)) tensor = &initializer->tensor;
  if (tensor == nullptr) return fail(Error::usage("no tensor of this name in the file").at("--tensor").saw(name));
  return tensor;
}

Status print_tensors(const Options& options, const Checkpoint* checkpoint, const Model* model) {
  Json json = result_of("inspect");
  for (const std::string& name : options.tensors) {
    PLEAT_ASSIGN(const Tensor* tensor, find_tensor(name, checkpoint, model));
    PLEAT_ASSIGN(const auto values, to_doubles(*tensor));
    json["tensors"].push_back({{"name", name},
                               {"dtype", dtype_name(tensor->dtype())},
                               {"shape", tensor->shape().dims()},
                               {"values", numbers(values)}});
    if (options.json) continue;
    fmt::print("{} {}{}\n ", name, dtype_name(tensor->dtype()), tensor->shape().text());
    for (double value : values) fmt::print(" {:.6g}", value);
    fmt::print("\n");
  }
  if (options.json) print(json);
  return {};
}

Status print_checkpoint(const Options& options, const Checkpoint& checkpoint) {
  Json json = result_of("inspect");
  json["file"] = options.file;
  for (const auto& entry : checkpoint.tensors) {
    json["tensors"].push_back(
        {{"name", entry.name}, {"dtype", dtype_name(entry.tensor.dtype())}, {"shape", entry.tensor.shape().dims()}});
    if (!options.json)
      fmt::print("{:<28} {}{}\n", entry.name, dtype_name(entry.tensor.dtype()), entry.tensor.shape().text());
  }
  json["metadata"] = checkpoint.metadata;
  if (options.json) print(json);
  for (const auto& [key, value] : checkpoint.metadata)
    if (!options.json) fmt::print("{} = {}\n", key, value);
  return {};
}

Status print_operators(bool json) {
  const auto names = OpRegistry::instance().names();
  Json result = result_of("inspect");
  result["operators"] = names;
  if (json) print(result);
  for (const std::string& name : names)
    if (!json) fmt::print("{}\n", name);
  return {};
}

Status inspect(const Options& options) {
  if (options.operators) return print_operators(options.json);
  if (options.file.empty()) return fail(Error::usage("no file named").fix("pleat inspect FILE, or --operators"));
  if (options.file.ends_with(".safetensors")) {
    PLEAT_ASSIGN(const Checkpoint checkpoint, read_checkpoint(options.file));
    return options.tensors.empty() ? print_checkpoint(options, checkpoint)
                                   : print_tensors(options, &checkpoint, nullptr);
  }
  PLEAT_ASSIGN(const auto model, read_model(options.file));
  if (!options.svg.empty()) PLEAT_TRY(write_file(options.svg, to_svg(model->graph)));
  if (!options.tensors.empty()) return print_tensors(options, nullptr, model.get());
  if (options.text) {
    fmt::print("{}", to_text(*model));
    return {};
  }
  Json json = result_of("inspect");
  json["file"] = options.file;
  json["producer"] = model->producer_name;
  json["producer_version"] = model->producer_version;
  json["ir_version"] = model->ir_version;
  json["opset"] = model->opset();
  json["inputs"] = values_json(model->graph.inputs, model->graph);
  json["outputs"] = values_json(model->graph.outputs, model->graph);
  json["nodes"] = model->graph.nodes.size();
  json["parameters"] = count_parameters(model->graph);
  json["operators"] = count_operators(model->graph);
  json["plan"] = plan_json(model);
  json["batch_norms"] = batch_norm_table(model->graph);
  json["metadata"] = Json::object();
  for (const auto& [key, value] : model->metadata_props) json["metadata"][key] = value;
  if (options.json)
    print(json);
  else
    print_text(json);
  return {};
}

}  // namespace

void add_inspect(CLI::App& app, Action& action) {
  auto [verb, o] = add_verb<Options>(app, action, "inspect", "Show what a model or checkpoint holds", inspect);
  verb->add_option("FILE", o->file, "ONNX model or .safetensors checkpoint");
  verb->add_option("--tensor", o->tensors, "Print the elements of this tensor (again for more)");
  verb->add_option("--svg", o->svg, "Also draw the graph into this file");
  verb->add_flag("--text", o->text, "The graph, one line per node");
  verb->add_flag("--operators", o->operators, "List the operators this build can run");
  add_format(*verb, o->json);
  verb->footer(
      "Examples:\n  pleat inspect net.onnx --svg net.svg\n"
      "  pleat inspect net.safetensors --tensor 1.weight --tensor 1.bias");
}

}  // namespace pleat::cli
