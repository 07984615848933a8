#include "runtime/graph/uses.h"

namespace pleat {
namespace {

/// Names in the order of first sight, each once.
class NameList {
 public:
  explicit NameList(bool with_nodes) : with_nodes_(with_nodes) {}

  void add(const std::string& name) {
    if (!name.empty() && seen_.insert(name).second) names_.push_back(name);
  }
  void add(const Graph& graph) {
    for (const ValueInfo& info : graph.inputs) add(info.name);
    for (const Initializer& initializer : graph.initializers) add(initializer.name);
    for (const Node& node : graph.nodes) add(node);
    for (const ValueInfo& info : graph.outputs) add(info.name);
    for (const ValueInfo& info : graph.value_info) add(info.name);
  }
  void add(const Function& function) {
    for (const std::string& name : function.inputs) add(name);
    for (const Attribute& attribute : function.attribute_defaults)
      if (const Graph* inner = attribute.graph()) add(*inner);
    for (const Node& node : function.nodes) add(node);
    for (const std::string& name : function.outputs) add(name);
    for (const ValueInfo& info : function.value_info) add(info.name);
  }
  std::vector<std::string> take() && { return std::move(names_); }

 private:
  void add(const Node& node) {
    if (with_nodes_) add(node.name);
    for (const std::string& name : node.inputs) add(name);
    for (const Attribute& attribute : node.attributes)
      if (const Graph* inner = attribute.graph()) add(*inner);
    for (const std::string& name : node.outputs) add(name);
  }

  bool with_nodes_;
  std::unordered_set<std::string> seen_;
  std::vector<std::string> names_;
};

}  // namespace

Uses::Uses(const Graph& graph) {
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const Node& node = graph.nodes[i];
    for (std::size_t k = 0; k < node.inputs.size(); ++k)
      if (!node.inputs[k].empty()) readers_[node.inputs[k]].push_back({i, static_cast<int>(k)});
    for (const std::string& name : captures(node)) readers_[name].push_back({i, -1});
    for (const std::string& name : node.outputs)
      if (!name.empty()) producers_.emplace(name, i);
  }
  for (const ValueInfo& output : graph.outputs) outputs_.insert(output.name);
}

std::optional<std::size_t> Uses::producer(const std::string& value) const {
  const auto it = producers_.find(value);
  return it == producers_.end() ? std::nullopt : std::optional(it->second);
}

const std::vector<Uses::Reader>& Uses::readers(const std::string& value) const {
  static const std::vector<Reader> kNone;
  const auto it = readers_.find(value);
  return it == readers_.end() ? kNone : it->second;
}

bool Uses::is_graph_output(const std::string& value) const { return outputs_.contains(value); }

std::set<std::string> captures(const Graph& graph) {
  std::set<std::string> found;
  std::unordered_set<std::string_view> defined;
  const auto read = [&](const std::string& name) {
    if (!name.empty() && !defined.contains(name)) found.insert(name);
  };
  for (const ValueInfo& input : graph.inputs) defined.insert(input.name);
  for (const Initializer& initializer : graph.initializers) defined.insert(initializer.name);
  for (const Node& node : graph.nodes) {
    for (const std::string& name : node.inputs) read(name);
    for (const std::string& name : captures(node)) read(name);
    for (const std::string& name : node.outputs) defined.insert(name);
  }
  for (const ValueInfo& output : graph.outputs) read(output.name);
  return found;
}

std::set<std::string> captures(const Node& node) {
  std::set<std::string> found;
  for (const Attribute& attribute : node.attributes)
    if (const Graph* inner = attribute.graph()) found.merge(captures(*inner));
  return found;
}

std::vector<std::string> value_names(const Graph& graph) {
  NameList names(/*with_nodes=*/false);
  names.add(graph);
  return std::move(names).take();
}

std::vector<std::string> all_names(const Graph& graph) {
  NameList names(/*with_nodes=*/true);
  names.add(graph);
  return std::move(names).take();
}

std::vector<std::string> all_names(const Model& model) {
  NameList names(/*with_nodes=*/true);
  names.add(model.graph);
  for (const Function& function : model.functions) names.add(function);
  return std::move(names).take();
}

}  // namespace pleat
