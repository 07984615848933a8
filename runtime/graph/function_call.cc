#include "runtime/graph/function_call.h"

#include <algorithm>

namespace pleat {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

const Attribute* find(const std::vector<Attribute>& attributes, const std::string& name) {
  const auto it = std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.name == name; });
  return it == attributes.end() ? nullptr : &*it;
}

Status check_count(const std::vector<std::string>& given, std::size_t most, const std::string& what) {
  std::size_t used = given.size();
  while (used > 0 && given[used - 1].empty()) --used;
  if (used <= most) return {};
  return fail(Error::invalid("the call has more " + what + " than the function")
                  .expect("at most " + std::to_string(most))
                  .saw(std::to_string(used)));
}

}  // namespace

FunctionCall::FunctionCall(const Node& node, const Function& function, FreshNames& names)
    : node_(node), function_(function), names_(names), prefix_(node.name) {
  for (std::size_t i = 0; prefix_.empty() && i < node.outputs.size(); ++i) prefix_ = node.outputs[i];
  if (prefix_.empty()) prefix_ = node.op_type;
  prefix_ += ".";
}

Status FunctionCall::check_fit() const {
  PLEAT_TRY(check_count(node_.inputs, function_.inputs.size(), "inputs"));
  PLEAT_TRY(check_count(node_.outputs, function_.outputs.size(), "outputs"));
  for (const Attribute& attribute : node_.attributes)
    if (!contains(function_.attributes, attribute.name) &&
        find(function_.attribute_defaults, attribute.name) == nullptr)
      return fail(Error::invalid("the function has no attribute '" + attribute.name + "'"));
  return {};
}

Status FunctionCall::bind() {
  PLEAT_TRY(check_fit());
  for (std::size_t i = 0; i < function_.inputs.size(); ++i)
    scope_.names[function_.inputs[i]] = i < node_.inputs.size() ? node_.inputs[i] : std::string();
  for (std::size_t i = 0; i < node_.outputs.size(); ++i) {
    if (node_.outputs[i].empty()) continue;
    if (!scope_.names.emplace(function_.outputs[i], node_.outputs[i]).second) handed_on_.push_back(i);
  }
  return {};
}

Result<std::vector<Node>> FunctionCall::copies() const {
  std::vector<Node> nodes;
  for (const std::size_t i : handed_on_) {
    Node& node = nodes.emplace_back();
    node.op_type = "Identity";
    PLEAT_ASSIGN(std::string from, present(function_.outputs[i], scope_));
    node.inputs = {std::move(from)};
    node.outputs = {node_.outputs[i]};
  }
  return nodes;
}

std::vector<ValueInfo> FunctionCall::value_info() const {
  std::vector<ValueInfo> infos;
  for (const ValueInfo& info : function_.value_info) {
    const auto name = scope_.names.find(info.name);
    const bool inner =
        name != scope_.names.end() && !contains(function_.inputs, info.name) && !contains(node_.outputs, name->second);
    if (!inner) continue;
    infos.push_back(info);
    infos.back().name = name->second;
  }
  return infos;
}

const std::string& FunctionCall::lookup(const std::string& name, const Scope& scope) {
  for (const Scope* at = &scope; at != nullptr; at = at->outer)
    if (const auto it = at->names.find(name); it != at->names.end()) return it->second;
  return name;
}

Result<std::string> FunctionCall::present(const std::string& name, const Scope& scope) const {
  const std::string& found = lookup(name, scope);
  if (!found.empty()) return found;
  return fail(Error::unsupported("the function hands out its input '" + name + "', which the call omits"));
}

const std::string& FunctionCall::define(const std::string& name, Scope& scope) {
  const auto [it, is_new] = scope.names.try_emplace(name);
  if (is_new && !name.empty()) it->second = names_.fresh(prefix_ + name);
  return it->second;
}

Result<Node> FunctionCall::translate(const Node& body, Scope& scope) {
  Node node = body;
  if (!node.name.empty()) node.name = names_.fresh(prefix_ + node.name);
  for (std::string& name : node.inputs) name = lookup(name, scope);
  node.attributes.clear();
  for (const Attribute& attribute : body.attributes) {
    if (!attribute.ref_attr_name.empty()) {
      PLEAT_TRY(add_referred(attribute, node.attributes));
      continue;
    }
    Attribute& copy = node.attributes.emplace_back(attribute);
    if (const Graph* inner = attribute.graph()) {
      PLEAT_ASSIGN(copy.value, translate(*inner, scope));
    }
  }
  for (std::string& name : node.outputs) name = define(name, scope);
  return node;
}

Result<std::shared_ptr<Graph>> FunctionCall::translate(const Graph& body, const Scope& outer) {
  Scope scope{&outer};
  auto graph = std::make_shared<Graph>(body);
  for (ValueInfo& input : graph->inputs) input.name = define(input.name, scope);
  for (Initializer& initializer : graph->initializers) initializer.name = define(initializer.name, scope);
  for (Node& node : graph->nodes) {
    PLEAT_ASSIGN(node, translate(Node(node), scope));
  }
  for (ValueInfo& output : graph->outputs) {
    PLEAT_ASSIGN(output.name, present(output.name, scope));
  }
  for (ValueInfo& info : graph->value_info) info.name = lookup(info.name, scope);
  return graph;
}

/// A graph that the call gives speaks of the caller's values already; a default graph is the function's.
Status FunctionCall::add_referred(const Attribute& reference, std::vector<Attribute>& attributes) {
  const Attribute* given = node_.attribute(reference.ref_attr_name);
  const Attribute* meant = given != nullptr ? given : find(function_.attribute_defaults, reference.ref_attr_name);
  if (meant == nullptr) return {};
  Attribute& copy = attributes.emplace_back(*meant);
  copy.name = reference.name;
  if (const Graph* inner = meant->graph(); inner != nullptr && given == nullptr) {
    PLEAT_ASSIGN(copy.value, translate(*inner, Scope{}));
  }
  return {};
}

}  // namespace pleat
