#include "converter/fold/prepare.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "converter/fold/batch_norm.h"
#include "converter/fold/place.h"
#include "runtime/graph/inline_functions.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstIrWithSeparateInitializers = 4;

bool holds_batch_norm(const std::vector<Node>& nodes);

bool holds_batch_norm(const Node& node) {
  if (node.is("BatchNormalization")) return true;
  return std::ranges::any_of(node.attributes, [](const Attribute& attribute) {
    return attribute.graph() != nullptr && holds_batch_norm(attribute.graph()->nodes);
  });
}

bool holds_batch_norm(const std::vector<Node>& nodes) {
  return std::ranges::any_of(nodes, [](const Node& node) { return holds_batch_norm(node); });
}

/// Functions with a BatchNormalization in them, or that call one.
std::set<std::string> functions_to_inline(const Model& model) {
  std::set<std::string> chosen;
  for (bool changed = true; changed;) {
    changed = false;
    for (const Function& function : model.functions) {
      const bool calls = std::ranges::any_of(
          function.nodes, [&](const Node& node) { return chosen.contains(node.domain + "." + node.op_type); });
      if (!calls && !holds_batch_norm(function.nodes)) continue;
      changed = chosen.insert(function.domain + "." + function.name).second || changed;
    }
  }
  return chosen;
}

bool extra_outputs_are_read(const Uses& uses, const Node& node) {
  for (std::size_t i = 1; i < node.outputs.size(); ++i)
    if (!uses.readers(node.outputs[i]).empty() || uses.is_graph_output(node.outputs[i])) return true;
  return false;
}

void separate_constants(Model& model, const FoldOptions& options) {
  const bool old = model.ir_version < kFirstIrWithSeparateInitializers;
  if (old ? options.keep_ir : !options.freeze_inputs) return;
  model.ir_version = std::max(model.ir_version, kFirstIrWithSeparateInitializers);
  std::erase_if(model.graph.inputs,
                [&](const ValueInfo& input) { return model.graph.initializer(input.name) != nullptr; });
}

}  // namespace

void assume_inference(Graph& graph, std::int64_t opset) {
  const Uses uses(graph);
  for (Node& node : graph.nodes) {
    if (node.is("BatchNormalization") && !check_inference(node, opset) && !extra_outputs_are_read(uses, node))
      node = as_inference(std::move(node), opset);
    for (Attribute& attribute : node.attributes)
      if (auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value); inner != nullptr && *inner != nullptr)
        assume_inference(**inner, opset);
  }
}

Result<Model> prepare(const Model& model, const FoldOptions& options, FoldMap& map) {
  Model source = model;
  if (const std::set<std::string> chosen = functions_to_inline(model); !chosen.empty()) {
    PLEAT_ASSIGN(source, inline_functions(model, [&](const Function& function) {
                   return chosen.contains(function.domain + "." + function.name);
                 }));
    map.inlined.assign(chosen.begin(), chosen.end());
  }
  unshare(source.graph);
  separate_constants(source, options);
  if (options.assume_inference) assume_inference(source.graph, source.opset());
  return source;
}

}  // namespace pleat
