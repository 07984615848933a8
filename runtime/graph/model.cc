#include "runtime/graph/model.h"

#include <algorithm>
#include <set>
#include <tuple>
#include <unordered_set>

namespace pleat {

std::optional<Shape> TensorType::static_shape() const {
  if (!shape) return std::nullopt;
  std::vector<std::int64_t> dims;
  for (const Dim& dim : *shape) {
    if (!dim.known()) return std::nullopt;
    dims.push_back(dim.value);
  }
  return Shape(std::move(dims));
}

const Attribute* Node::attribute(std::string_view wanted) const {
  const auto it = std::find_if(attributes.begin(), attributes.end(), [&](const auto& a) { return a.name == wanted; });
  return it == attributes.end() ? nullptr : &*it;
}

std::string Node::label() const {
  std::string called = name;
  for (std::size_t i = 0; called.empty() && i < outputs.size(); ++i) called = outputs[i];
  return "node '" + called + "' (" + op_type + ")";
}

const Initializer* Graph::initializer(std::string_view wanted) const {
  const auto it =
      std::find_if(initializers.begin(), initializers.end(), [&](const auto& i) { return i.name == wanted; });
  return it == initializers.end() ? nullptr : &*it;
}

const ValueInfo* Graph::input(std::string_view wanted) const {
  const auto it = std::find_if(inputs.begin(), inputs.end(), [&](const auto& i) { return i.name == wanted; });
  return it == inputs.end() ? nullptr : &*it;
}

std::string_view short_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view() : domain; }

std::int64_t opset_in(const std::vector<OpsetImport>& imports, std::string_view domain) {
  const auto it = std::find_if(imports.begin(), imports.end(),
                               [&](const auto& i) { return short_domain(i.domain) == short_domain(domain); });
  return it == imports.end() ? 0 : it->version;
}

namespace {

/// The names visible at one point of a graph: its own and, through `outer`, those of the graphs around it.
class Scope {
 public:
  explicit Scope(const Scope* outer) : outer_(outer) {}

  bool here(std::string_view name) const { return names_.contains(name); }
  bool visible(std::string_view name) const { return here(name) || (outer_ != nullptr && outer_->visible(name)); }
  bool add(std::string_view name) { return names_.insert(name).second; }

 private:
  const Scope* outer_;
  std::unordered_set<std::string_view> names_;
};

std::string quoted(std::string_view name) { return "'" + std::string(name) + "'"; }

Status check_graph(const Graph& graph, const Scope* outer);

Status check_node(const Node& node, Scope& scope) {
  if (node.op_type.empty()) return fail(Error::invalid("a node has no operator").at(node.label()));
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const std::string& name = node.inputs[i];
    if (!name.empty() && !scope.visible(name))
      return fail(Error::invalid("reads " + quoted(name) + ", which nothing makes before it")
                      .at("input " + std::to_string(i))
                      .at(node.label())
                      .fix("nodes must stand in topological order and read inputs, initializers or earlier outputs"));
  }
  std::unordered_set<std::string_view> attributes;
  for (const Attribute& attribute : node.attributes) {
    if (!attributes.insert(attribute.name).second)
      return fail(Error::invalid("the attribute " + quoted(attribute.name) + " stands twice").at(node.label()));
    const Graph* inner = attribute.graph();
    if (inner == nullptr) continue;
    if (auto status = check_graph(*inner, &scope); !status)
      return fail(std::move(status).error().at("graph " + quoted(attribute.name)).at(node.label()));
  }
  for (const std::string& name : node.outputs) {
    if (name.empty()) continue;
    if (scope.visible(name))
      return fail(Error::invalid("makes " + quoted(name) + ", which is already defined").at(node.label()));
    scope.add(name);
  }
  return {};
}

Status check_graph(const Graph& graph, const Scope* outer) {
  Scope scope(outer);
  for (const ValueInfo& input : graph.inputs) {
    if (input.name.empty()) return fail(Error::invalid("a graph input has no name"));
    if (!scope.add(input.name)) return fail(Error::invalid("two graph inputs are named " + quoted(input.name)));
  }
  std::unordered_set<std::string_view> constants;
  for (const Initializer& initializer : graph.initializers) {
    if (initializer.name.empty()) return fail(Error::invalid("an initializer has no name"));
    if (!constants.insert(initializer.name).second)
      return fail(Error::invalid("two initializers are named " + quoted(initializer.name)));
    scope.add(initializer.name);
  }
  for (const Node& node : graph.nodes) PLEAT_TRY(check_node(node, scope));
  for (const ValueInfo& output : graph.outputs) {
    if (output.name.empty()) return fail(Error::invalid("a graph output has no name"));
    if (!scope.visible(output.name))
      return fail(Error::invalid("nothing makes the graph output " + quoted(output.name)));
  }
  return {};
}

}  // namespace

std::string Function::label() const {
  return "function " + quoted(name) + (overload.empty() ? "" : ":" + overload) + " of domain " + quoted(domain);
}

std::int64_t Model::opset(std::string_view wanted) const {
  const std::int64_t version = opset_in(opset_imports, wanted);
  return version == 0 && short_domain(wanted).empty() && ir_version < 3 ? 1 : version;
}

const std::string* Model::metadata(std::string_view key) const {
  for (const auto& [name, value] : metadata_props)
    if (name == key) return &value;
  return nullptr;
}

void Model::set_metadata(std::string_view key, std::string value) {
  for (auto& [name, old] : metadata_props) {
    if (name != key) continue;
    old = std::move(value);
    return;
  }
  metadata_props.emplace_back(key, std::move(value));
}

namespace {

Status check_imports(const std::vector<OpsetImport>& imports) {
  for (std::size_t i = 0; i < imports.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (short_domain(imports[i].domain) == short_domain(imports[j].domain) &&
          imports[i].version != imports[j].version)
        return fail(
            Error::invalid("two versions of the operators of domain " + quoted(imports[i].domain) + " are imported"));
  return {};
}

Status check_attributes(const Function& function) {
  std::unordered_set<std::string_view> names;
  const auto add = [&](const std::string& name) -> Status {
    if (names.insert(name).second) return {};
    return fail(Error::invalid("the attribute " + quoted(name) + " is declared twice"));
  };
  for (const std::string& name : function.attributes) PLEAT_TRY(add(name));
  for (const Attribute& attribute : function.attribute_defaults) {
    PLEAT_TRY(add(attribute.name));
    const Graph* inner = attribute.graph();
    if (inner == nullptr) continue;
    if (auto status = check_graph(*inner, nullptr); !status)
      return fail(std::move(status).error().at("attribute " + quoted(attribute.name)));
  }
  return {};
}

Status check_function(const Function& function) {
  if (function.name.empty()) return fail(Error::invalid("it has no name"));
  PLEAT_TRY(check_imports(function.opset_imports));
  PLEAT_TRY(check_attributes(function));
  Scope scope(nullptr);
  for (const std::string& input : function.inputs) {
    if (input.empty()) return fail(Error::invalid("an input has no name"));
    if (!scope.add(input)) return fail(Error::invalid("two inputs are named " + quoted(input)));
  }
  for (const Node& node : function.nodes) PLEAT_TRY(check_node(node, scope));
  for (const std::string& output : function.outputs)
    if (output.empty() || !scope.visible(output))
      return fail(Error::invalid("nothing makes the output " + quoted(output)));
  return {};
}

Status check_functions(const std::vector<Function>& functions) {
  std::set<std::tuple<std::string_view, std::string_view, std::string_view>> known;
  for (const Function& function : functions) {
    if (!known.emplace(short_domain(function.domain), function.name, function.overload).second)
      return fail(Error::invalid("the model defines it twice").at(function.label()));
    if (auto status = check_function(function); !status) return fail(std::move(status).error().at(function.label()));
  }
  return {};
}

}  // namespace

Status check(const Model& model) {
  PLEAT_TRY(check_imports(model.opset_imports));
  PLEAT_TRY(check_functions(model.functions));
  return check_graph(model.graph, nullptr);
}

}  // namespace pleat
