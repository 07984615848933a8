#include "runtime/graph/model.h"

#include <algorithm>
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

namespace {

std::string_view short_domain(std::string_view domain) { return domain == "ai.onnx" ? std::string_view() : domain; }

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
    const auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value);
    if (inner == nullptr || *inner == nullptr) continue;
    if (auto status = check_graph(**inner, &scope); !status)
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

std::int64_t Model::opset(std::string_view wanted) const {
  const std::string_view short_name = short_domain(wanted);
  for (const OpsetImport& import : opset_imports)
    if (short_domain(import.domain) == short_name) return import.version;
  return short_name.empty() && ir_version < 3 ? 1 : 0;
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

Status check(const Model& model) {
  for (std::size_t i = 0; i < model.opset_imports.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (short_domain(model.opset_imports[i].domain) == short_domain(model.opset_imports[j].domain) &&
          model.opset_imports[i].version != model.opset_imports[j].version)
        return fail(Error::invalid("two versions of the operators of domain " + quoted(model.opset_imports[i].domain) +
                                   " are imported"));
  return check_graph(model.graph, nullptr);
}

}  // namespace pleat
