#include "converter/verify/scope.h"

#include <algorithm>

#include "runtime/graph/uses.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstIrWithOverridableInitializers = 4;

template <class T>
Tensor list_of(const std::vector<T>& values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

}  // namespace

std::optional<Tensor> constant_value(const Node& node) {
  if (!node.is("Constant") || node.attributes.size() != 1 || node.outputs.size() != 1) return std::nullopt;
  const Attribute& attribute = node.attributes[0];
  if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) {
    if (attribute.name == "value" && tensor->present()) return *tensor;
  } else if (const auto* number = std::get_if<float>(&attribute.value)) {
    if (attribute.name == "value_float") return Tensor::scalar(*number);
  } else if (const auto* integer = std::get_if<std::int64_t>(&attribute.value)) {
    if (attribute.name == "value_int") return Tensor::scalar(*integer);
  } else if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value)) {
    if (attribute.name == "value_floats") return list_of(*numbers);
  } else if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&attribute.value)) {
    if (attribute.name == "value_ints") return list_of(*integers);
  }
  return std::nullopt;
}

Scope::Scope(const Model& model, const Graph& graph, const Scope* outer, bool freeze)
    : model_(model), graph_(graph), outer_(outer) {
  read_constants(freeze);
  for (const ValueInfo& output : graph.outputs) outputs_.insert(output.name);
  for (const Node& node : graph.nodes)
    for (const std::string& name : node.outputs)
      if (!name.empty() && !constants_.contains(name)) makers_.emplace(name, &node);
  for (const auto* infos : {&graph.value_info, &graph.inputs, &graph.outputs})
    for (const ValueInfo& info : *infos) annotations_.emplace(info.name, &info.type);
  find_live_nodes();
}

void Scope::read_constants(bool freeze) {
  for (const ValueInfo& input : graph_.inputs) given_.insert(input.name);
  const bool overridable = !freeze && model_.ir_version >= kFirstIrWithOverridableInitializers;
  for (const Initializer& initializer : graph_.initializers) {
    if (overridable && given_.contains(initializer.name)) continue;
    given_.erase(initializer.name);
    constants_.emplace(initializer.name, &initializer);
  }
  for (const Node& node : graph_.nodes) {
    auto value = constant_value(node);
    if (!value) continue;
    of_nodes_.push_back({node.outputs[0], std::move(*value), {}, {}});
    constants_.emplace(node.outputs[0], &of_nodes_.back());
  }
}

void Scope::find_live_nodes() {
  std::unordered_set<std::string> needed;
  for (const std::string_view name : outputs_) needed.emplace(name);
  for (std::size_t i = graph_.nodes.size(); i-- > 0;) {
    const Node& node = graph_.nodes[i];
    const bool live = std::ranges::any_of(
        node.outputs, [&](const std::string& name) { return makers_.contains(name) && needed.contains(name); });
    if (!live) continue;
    nodes_.push_back(&node);
    for (std::string& name : reads(node)) needed.insert(std::move(name));
  }
  std::ranges::reverse(nodes_);
}

const Initializer* Scope::constant(const std::string& name) const {
  if (const auto found = constants_.find(name); found != constants_.end()) return found->second;
  return outer_ == nullptr || defines(name) ? nullptr : outer_->constant(name);
}

bool Scope::defines(const std::string& name) const {
  return constants_.contains(name) || given_.contains(name) || makers_.contains(name);
}

const Node* Scope::maker(const std::string& name) const {
  const auto found = makers_.find(name);
  return found == makers_.end() ? nullptr : found->second;
}

const TensorType* Scope::annotation(const std::string& name) const {
  if (const auto found = annotations_.find(name); found != annotations_.end()) return found->second;
  return outer_ == nullptr || defines(name) ? nullptr : outer_->annotation(name);
}

std::vector<std::string> Scope::reads(const Node& node) {
  std::vector<std::string> names;
  for (const std::string& name : node.inputs)
    if (!name.empty()) names.push_back(name);
  for (const std::string& name : captures(node)) names.push_back(name);
  return names;
}

}  // namespace pleat
