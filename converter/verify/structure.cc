#include "converter/verify/structure.h"

#include <algorithm>
#include <set>

#include "runtime/graph/uses.h"

namespace pleat {
namespace {

bool same_graph(const Graph& a, const Graph& b);

bool same_tensor(const Tensor& a, const Tensor& b) {
  return a.dtype() == b.dtype() && a.shape() == b.shape() && std::ranges::equal(a.bytes(), b.bytes());
}

bool same_value(const Attribute::Value& a, const Attribute::Value& b) {
  if (a.index() != b.index()) return false;
  if (const auto* tensor = std::get_if<Tensor>(&a)) return same_tensor(*tensor, std::get<Tensor>(b));
  if (const auto* graph = std::get_if<std::shared_ptr<Graph>>(&a)) {
    const auto& other = std::get<std::shared_ptr<Graph>>(b);
    return *graph == other || (*graph != nullptr && other != nullptr && same_graph(**graph, *other));
  }
  return std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, Tensor> || std::is_same_v<T, std::shared_ptr<Graph>>)
          return true;
        else
          return value == std::get<T>(b);
      },
      a);
}

bool same_attribute(const Attribute& a, const Attribute& b) {
  if (a.name != b.name || a.type != b.type || a.ref_attr_name != b.ref_attr_name) return false;
  if (std::holds_alternative<std::monostate>(a.value)) return a.encoded == b.encoded;
  return same_value(a.value, b.value);
}

/// Equal attributes in any order; `ignored` may differ.
bool same_attributes(const Node& a, const Node& b, const std::string& ignored = {}) {
  const auto covered = [&](const Node& from, const Node& in) {
    return std::ranges::all_of(from.attributes, [&](const Attribute& attribute) {
      const Attribute* other = in.attribute(attribute.name);
      return attribute.name == ignored || (other != nullptr && same_attribute(attribute, *other));
    });
  };
  return covered(a, b) && covered(b, a);
}

bool same_operator(const Node& a, const Node& b) {
  const auto domain = [](const Node& node) { return node.domain == "ai.onnx" ? std::string() : node.domain; };
  return a.op_type == b.op_type && domain(a) == domain(b);
}

bool same_node(const Node& a, const Node& b) {
  return same_operator(a, b) && a.inputs == b.inputs && a.outputs == b.outputs && same_attributes(a, b);
}

bool same_type(const TensorType& a, const TensorType& b) {
  if (a.dtype != b.dtype || a.shape.has_value() != b.shape.has_value()) return false;
  return !a.shape || std::ranges::equal(*a.shape, *b.shape, [](const Dim& x, const Dim& y) {
    return x.known() == y.known() && (!x.known() || x.value == y.value) && x.param == y.param;
  });
}

bool same_infos(const std::vector<ValueInfo>& a, const std::vector<ValueInfo>& b) {
  return std::ranges::equal(
      a, b, [](const ValueInfo& x, const ValueInfo& y) { return x.name == y.name && same_type(x.type, y.type); });
}

bool same_constant(const Initializer& a, const Initializer& b) {
  if (!a.tensor.present() && !b.tensor.present()) return a.encoded == b.encoded;
  return same_tensor(a.tensor, b.tensor);
}

bool same_graph(const Graph& a, const Graph& b) {
  return same_infos(a.inputs, b.inputs) && same_infos(a.outputs, b.outputs) &&
         std::ranges::equal(a.nodes, b.nodes, same_node) &&
         std::ranges::equal(a.initializers, b.initializers, [](const Initializer& x, const Initializer& y) {
           return x.name == y.name && same_constant(x, y);
         });
}

std::vector<ValueInfo> true_inputs(const Model& model) {
  std::vector<ValueInfo> inputs;
  for (const ValueInfo& input : model.graph.inputs) {
    if (model.ir_version < 4 && model.graph.initializer(input.name) != nullptr) continue;
    inputs.push_back(input);
  }
  return inputs;
}

class StructureCheck {
 public:
  StructureCheck(const Model& unfolded, const Model& folded, const std::vector<CheckedLayer>& layers)
      : unfolded_(unfolded.graph),
        folded_(folded.graph),
        before_(unfolded.graph),
        after_(folded.graph),
        layers_(layers) {}

  Status run() {
    for (const CheckedLayer& layer : layers_) PLEAT_TRY(check_layer(layer));
    PLEAT_TRY(check_other_nodes());
    return check_constants();
  }

 private:
  Status check_layer(const CheckedLayer& layer) {
    const auto wrong = [&](const std::string& what) {
      return fail(Error::check_failed(what).at("fold of '" + layer.batch_norm + "'"));
    };
    for (const std::string& value : layer.gone) gone_.insert(*before_.producer(value));
    const Node& old = unfolded_.nodes[layer.node];
    auto producer = after_.producer(layer.output);
    if (!producer) return wrong("nothing makes '" + layer.output + "' in the folded model");
    const Node* node = &folded_.nodes[*producer];
    new_.insert(*producer);
    if (layer.target_op == "MatMul") {
      if (!node->is("Add") || node->inputs.size() != 2 || node->inputs[1] != layer.new_bias)
        return wrong("'" + layer.output + "' is not the sum of a product and '" + layer.new_bias + "'");
      producer = after_.producer(node->inputs[0]);
      if (!producer) return wrong("nothing makes '" + node->inputs[0] + "'");
      if (after_.readers(node->inputs[0]).size() != 1 || after_.is_graph_output(node->inputs[0]))
        return wrong("'" + node->inputs[0] + "' has another reader");
      node = &folded_.nodes[*producer];
      new_.insert(*producer);
    }
    std::vector<std::string> inputs = {layer.input, layer.new_weight};
    if (layer.target_op != "MatMul") inputs.push_back(layer.new_bias);
    if (!same_operator(*node, old) || node->inputs != inputs || node->outputs.size() != 1)
      return wrong(node->label() + " does not read '" + layer.input + "' and the folded constants");
    const bool gemm = layer.target_op == "Gemm";
    if (node->name != old.name || !same_attributes(*node, old, gemm ? "beta" : ""))
      return wrong(node->label() + " differs from " + old.label() + " in its name or attributes");
    const Attribute* beta = gemm ? node->attribute("beta") : nullptr;
    if (beta != nullptr && (!std::holds_alternative<float>(beta->value) || std::get<float>(beta->value) != 1.0F))
      return wrong(node->label() + " still has a beta");
    for (const std::string* name : {&layer.new_weight, &layer.new_bias}) {
      if (folded_.initializer(*name) == nullptr) return wrong("'" + *name + "' is no constant of the folded model");
      if (folded_.input(*name) != nullptr) return wrong("'" + *name + "' could be overridden by a caller");
      new_constants_.insert(*name);
    }
    return {};
  }

  Status check_other_nodes() const {
    std::vector<const Node*> left;
    std::vector<const Node*> right;
    const auto in_use = [&](const Node& node) {
      return !node.is("Constant") || std::ranges::any_of(node.outputs, [&](const std::string& name) {
        return !after_.readers(name).empty() || after_.is_graph_output(name);
      });
    };
    for (std::size_t i = 0; i < unfolded_.nodes.size(); ++i)
      if (!gone_.contains(i) && in_use(unfolded_.nodes[i])) left.push_back(&unfolded_.nodes[i]);
    for (std::size_t i = 0; i < folded_.nodes.size(); ++i)
      if (!new_.contains(i) && in_use(folded_.nodes[i])) right.push_back(&folded_.nodes[i]);
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      if (i >= left.size()) return fail(Error::check_failed("a node was added").at(right[i]->label()));
      if (i >= right.size()) return fail(Error::check_failed("a node is gone").at(left[i]->label()));
      if (!same_node(*left[i], *right[i]))
        return fail(Error::check_failed("a node that no fold concerns has changed").at(left[i]->label()));
    }
    return {};
  }

  Status check_constants() const {
    for (const Initializer& constant : folded_.initializers) {
      const std::string place = "constant '" + constant.name + "'";
      const Initializer* old = unfolded_.initializer(constant.name);
      if (new_constants_.contains(constant.name)) {
        if (old != nullptr) return fail(Error::check_failed("a fold has taken over an old constant").at(place));
        continue;
      }
      if (old == nullptr) return fail(Error::check_failed("a constant was added").at(place));
      if (!same_constant(*old, constant))
        return fail(Error::check_failed("a constant that no fold concerns has changed").at(place));
    }
    return {};
  }

  const Graph& unfolded_;
  const Graph& folded_;
  Uses before_, after_;
  const std::vector<CheckedLayer>& layers_;
  std::set<std::size_t> gone_, new_;
  std::set<std::string> new_constants_;
};

Status same_opsets(const Model& a, const Model& b) {
  const bool same = std::ranges::equal(a.opset_imports, b.opset_imports, [](const auto& x, const auto& y) {
    return x.domain == y.domain && x.version == y.version;
  });
  if (same) return {};
  return fail(Error::check_failed("the models import different operator sets"));
}

Status structure(const Model& unfolded, const Model& folded, const std::vector<CheckedLayer>& layers) {
  PLEAT_TRY(check(folded));
  PLEAT_TRY(same_interface(unfolded, folded));
  PLEAT_TRY(same_opsets(unfolded, folded));
  return StructureCheck(unfolded, folded, layers).run();
}

}  // namespace

Status same_interface(const Model& a, const Model& b) {
  if (!same_infos(true_inputs(a), true_inputs(b)))
    return fail(Error::check_failed("the models have different inputs")
                    .expect("the same names, types and shapes in the same order"));
  if (!same_infos(a.graph.outputs, b.graph.outputs))
    return fail(Error::check_failed("the models have different outputs")
                    .expect("the same names, types and shapes in the same order"));
  return {};
}

RungReport check_structure(const Model& unfolded, const Model& folded, const std::vector<CheckedLayer>& layers) {
  RungReport report;
  report.rung = Rung::kStructure;
  report.ran = true;
  const Status status = structure(unfolded, folded, layers);
  report.passed = status.has_value();
  if (report.passed) {
    report.text = "inputs, outputs and everything outside the folds are the same";
    return report;
  }
  Finding finding;
  finding.what = status.error().what;
  finding.node = status.error().where;
  report.text = finding.node + ": " + finding.what;
  if (finding.node.empty()) report.text = finding.what;
  report.first_failure = finding;
  return report;
}

}  // namespace pleat
