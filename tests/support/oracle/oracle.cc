#include "tests/support/oracle/oracle.h"

#include "runtime/graph/uses.h"
#include "tests/support/oracle/operators.h"

namespace pleat {
namespace {

OracleValue literal(const Node& node) {
  auto attributes = AttributeReader(node);
  if (attributes.has("value")) return oracle_value(attributes.tensor("value"));
  if (attributes.has("value_int"))
    return oracle_value(Tensor::scalar<std::int64_t>(attributes.integer("value_int", 0)));
  if (attributes.has("value_ints")) return from_integers(attributes.integers("value_ints"));
  if (attributes.has("value_float")) return oracle_value(Tensor::scalar<float>(attributes.number("value_float", 0)));
  if (attributes.has("value_floats")) {
    const auto values = attributes.numbers("value_floats");
    return oracle_value(Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values));
  }
  throw std::runtime_error(node.label() + ": a constant of a kind unknown here");
}

OracleValue exact_value(const ExactConstant& constant) {
  OracleValue value{constant.dtype, constant.shape.dims(), {}};
  for (std::size_t i = 0; i < static_cast<std::size_t>(constant.shape.elements()); ++i) {
    const double high = constant.value(i).hi;
    value.data.emplace_back(high, kHalfUlp * std::fabs(high) + 0x1p-98 * std::fabs(constant.terms(i)));
  }
  return value;
}

class OracleRunner {
 public:
  OracleRunner(const Model& model, const OracleOptions& options) : model_(model), options_(options) {}

  /// Adds every value of `graph` to `scope`, which holds the inputs and what surrounds the graph.
  void run(const Graph& graph, OracleValues& scope, std::int64_t opset) const {
    for (const Initializer& initializer : graph.initializers) {
      if (scope.count(initializer.name) > 0 && graph.input(initializer.name) != nullptr) continue;
      const auto exact = options_.exact == nullptr ? nullptr : find(*options_.exact, initializer.name);
      scope[initializer.name] = exact != nullptr ? exact_value(*exact) : oracle_value(initializer.tensor);
    }
    for (const Node& node : graph.nodes) run(node, scope, opset);
  }

 private:
  static const ExactConstant* find(const ExactConstants& constants, const std::string& name) {
    const auto found = constants.find(name);
    return found == constants.end() ? nullptr : &found->second;
  }

  void run(const Node& node, OracleValues& scope, std::int64_t opset) const {
    OracleCall call{node, opset, options_, {}, {}};
    for (const std::string& input : node.inputs) {
      if (!input.empty() && scope.count(input) == 0) throw std::runtime_error("nothing makes '" + input + "'");
      call.inputs.push_back(input.empty() ? OracleValue{} : scope.at(input));
    }
    perform(call, scope);
    for (std::size_t i = 0; i < node.outputs.size() && i < call.outputs.size(); ++i)
      if (!node.outputs[i].empty()) scope[node.outputs[i]] = call.outputs[i];
  }

  void perform(OracleCall& call, const OracleValues& scope) const {
    const Node& node = call.node;
    if (const Function* function = called(node)) return run_function(call, *function);
    if (node.is("Constant")) return call.give(literal(node));
    if (node.is("If")) return run_if(call, scope);
    if (node.is("Loop")) return run_loop(call, scope);
    if (node.is("Scan")) return run_scan(call, scope);
    for (const auto table : {oracle_arithmetic, oracle_linear, oracle_window, oracle_move})
      if (const OracleOperator work = table(node.op_type)) return work(call);
    throw std::runtime_error(node.label() + ": unknown to the oracle");
  }

  const Function* called(const Node& node) const {
    for (const Function& function : model_.functions)
      if (function.name == node.op_type && function.domain == node.domain && function.overload == node.overload)
        return &function;
    return nullptr;
  }

  void run_function(OracleCall& call, const Function& function) const {
    OracleValues scope;
    for (std::size_t i = 0; i < function.inputs.size(); ++i)
      if (call.has(i)) scope[function.inputs[i]] = call.in(i);
    std::int64_t opset = call.opset;
    for (const OpsetImport& import : function.opset_imports)
      if (import.domain.empty()) opset = import.version;
    for (Node node : function.nodes) {
      resolve(node, call.node, function);
      run(node, scope, opset);
    }
    for (std::size_t i = 0; i < function.outputs.size(); ++i) call.give(scope.at(function.outputs[i]), i);
  }

  /// Puts what the call says in the place of attributes that refer to it.
  static void resolve(Node& node, const Node& call, const Function& function) {
    std::vector<Attribute> resolved;
    for (Attribute attribute : node.attributes) {
      if (!attribute.ref_attr_name.empty()) {
        const Attribute* given = call.attribute(attribute.ref_attr_name);
        for (const Attribute& fallback : function.attribute_defaults)
          if (given == nullptr && fallback.name == attribute.ref_attr_name) given = &fallback;
        if (given == nullptr) continue;
        const std::string name = attribute.name;
        attribute = *given;
        attribute.name = name;
      }
      resolved.push_back(std::move(attribute));
    }
    node.attributes = std::move(resolved);
  }

  std::vector<OracleValue> run_body(const Graph& body, OracleValues scope, const std::vector<OracleValue>& inputs,
                                    std::int64_t opset) const {
    for (std::size_t i = 0; i < body.inputs.size() && i < inputs.size(); ++i) scope[body.inputs[i].name] = inputs[i];
    run(body, scope, opset);
    std::vector<OracleValue> outputs;
    for (const ValueInfo& output : body.outputs) outputs.push_back(scope.at(output.name));
    return outputs;
  }

  void run_if(OracleCall& call, const OracleValues& scope) const {
    const bool taken = call.in(0).data[0].value != 0;
    call.outputs = run_body(*call.attributes().graph(taken ? "then_branch" : "else_branch"), scope, {}, call.opset);
  }

  static OracleValue scalar(DType dtype, double value) { return {dtype, {}, {Tracked(value)}}; }

  static OracleValue stacked(const std::vector<OracleValue>& parts) {
    OracleValue all = parts.at(0);
    all.dims.insert(all.dims.begin(), static_cast<std::int64_t>(parts.size()));
    for (std::size_t i = 1; i < parts.size(); ++i)
      all.data.insert(all.data.end(), parts[i].data.begin(), parts[i].data.end());
    return all;
  }

  void run_loop(OracleCall& call, const OracleValues& scope) const {
    const auto body = call.attributes().graph("body");
    const std::int64_t trips = call.has(0) ? to_integers(call.in(0))[0] : 1000;
    bool more = !call.has(1) || call.in(1).data[0].value != 0;
    std::vector<OracleValue> carried(call.inputs.begin() + 2, call.inputs.end());
    std::vector<std::vector<OracleValue>> scanned(body->outputs.size() - 1 - carried.size());
    for (std::int64_t i = 0; i < trips && more; ++i) {
      std::vector<OracleValue> inputs = {scalar(DType::kInt64, static_cast<double>(i)), scalar(DType::kBool, 1)};
      inputs.insert(inputs.end(), carried.begin(), carried.end());
      const auto outputs = run_body(*body, scope, inputs, call.opset);
      more = outputs[0].data[0].value != 0;
      for (std::size_t k = 0; k < carried.size(); ++k) carried[k] = outputs[k + 1];
      for (std::size_t k = 0; k < scanned.size(); ++k) scanned[k].push_back(outputs[k + 1 + carried.size()]);
    }
    call.outputs = carried;
    for (const auto& parts : scanned) call.outputs.push_back(stacked(parts));
  }

  /// Along axis 0, forwards.
  void run_scan(OracleCall& call, const OracleValues& scope) const {
    auto attributes = call.attributes();
    const auto body = attributes.graph("body");
    const auto scans = static_cast<std::size_t>(attributes.integer("num_scan_inputs", 0));
    const std::size_t states = call.inputs.size() - scans;
    std::vector<OracleValue> carried(call.inputs.begin(), call.inputs.begin() + static_cast<std::ptrdiff_t>(states));
    std::vector<std::vector<OracleValue>> scanned(body->outputs.size() - states);
    for (std::int64_t i = 0; i < call.in(states).dims[0]; ++i) {
      std::vector<OracleValue> inputs = carried;
      for (std::size_t k = states; k < call.inputs.size(); ++k) inputs.push_back(row(call.in(k), i));
      const auto outputs = run_body(*body, scope, inputs, call.opset);
      for (std::size_t k = 0; k < states; ++k) carried[k] = outputs[k];
      for (std::size_t k = 0; k < scanned.size(); ++k) scanned[k].push_back(outputs[k + states]);
    }
    call.outputs = carried;
    for (const auto& parts : scanned) call.outputs.push_back(stacked(parts));
  }

  static OracleValue row(const OracleValue& x, std::int64_t i) {
    OracleValue part{x.dtype, {x.dims.begin() + 1, x.dims.end()}, {}};
    const std::int64_t count = elements(part.dims);
    part.data.assign(x.data.begin() + i * count, x.data.begin() + (i + 1) * count);
    return part;
  }

  const Model& model_;
  const OracleOptions& options_;
};

}  // namespace

OracleValues oracle_run(const Model& model, const OracleValues& inputs, const OracleOptions& options) {
  OracleValues scope = inputs;
  OracleRunner(model, options).run(model.graph, scope, model.opset());
  return scope;
}

}  // namespace pleat
