#include "converter/verify/last_layer.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "converter/verify/linear_node.h"
#include "converter/verify/unit_roundoff.h"
#include "converter/verify/widen.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstOpsetWithOptionalC = 11;
constexpr std::int64_t kFirstOpsetThatBroadcasts = 7;
/// Maps of one input whose outputs lie no further apart than their inputs (largest absolute difference).
constexpr std::array kNotEnlarging = {
    "Relu",        "Sigmoid",           "Tanh",          "Softmax",      "Flatten", "Reshape",   "Identity",
    "Clip",        "MaxPool",           "Squeeze",       "Unsqueeze",    "Slice",   "Transpose", "Dropout",
    "AveragePool", "GlobalAveragePool", "GlobalMaxPool", "DepthToSpace", "Cast"};

double largest(const Tensor& tensor) {
  double most = 0;
  if (const auto values = to_doubles(tensor))
    for (const double value : *values)
      if (std::isfinite(value)) most = std::max(most, std::fabs(value));
  return most;
}

Result<Tensor> absolute(const Tensor& tensor) {
  PLEAT_ASSIGN(std::vector<double> values, to_doubles(tensor));
  for (double& value : values) value = std::fabs(value);
  return from_doubles(DType::kDouble, tensor.shape(), values);
}

}  // namespace

std::optional<LastLayer> LastLayer::before(const std::string& value, const Model& folded, const Uses& uses) {
  std::string at = value;
  for (std::size_t walked = 0; walked <= folded.graph.nodes.size(); ++walked) {
    const auto producer = uses.producer(at);
    if (!producer) return std::nullopt;
    const Node& node = folded.graph.nodes[*producer];
    if (is_linear(node)) {
      const auto weight = stored_weight(folded.graph, node);
      if (!weight) return std::nullopt;
      LastLayer last(folded, *producer, weight->input, weight->products);
      last.input_ = node.inputs[1 - weight->input];
      return last;
    }
    if (node.inputs.empty() || std::ranges::none_of(kNotEnlarging, [&](const char* op) { return node.is(op); }))
      return std::nullopt;
    at = node.inputs[0];
  }
  return std::nullopt;
}

Result<Model> LastLayer::on_absolute_values(const Node& node, const Tensor& weight) const {
  Model model;
  model.opset_imports = folded_.opset_imports;
  Node bare = node;
  bare.inputs.resize(2);
  for (Attribute& attribute : bare.attributes)
    if (attribute.name == "alpha")
      if (const auto* alpha = std::get_if<float>(&attribute.value))
        attribute = Attribute::number("alpha", std::fabs(*alpha));
  Initializer positive;
  positive.name = bare.inputs[weight_];
  PLEAT_ASSIGN(positive.tensor, absolute(weight));
  model.graph.initializers.push_back(std::move(positive));
  if (bare.is("Gemm") && folded_.opset() < kFirstOpsetWithOptionalC) {
    bare.inputs.emplace_back("pleat.zero");
    model.graph.initializers.push_back({"pleat.zero", Tensor::of<double>(Shape{1}, {0.0}), {}, {}});
    std::erase_if(bare.attributes, [](const Attribute& attribute) { return attribute.name == "broadcast"; });
    if (folded_.opset() < kFirstOpsetThatBroadcasts) bare.attributes.push_back(Attribute::integer("broadcast", 1));
  }
  model.graph.nodes.push_back(std::move(bare));
  return model;
}

Result<double> LastLayer::bound(const Tensor& input, int threads) const {
  const Node& node = folded_.graph.nodes[node_];
  const Tensor* weight = stored_constant(folded_.graph, node.inputs[weight_]);
  PLEAT_CHECK(weight != nullptr);
  PLEAT_ASSIGN(const Model model, on_absolute_values(node, *weight));
  PLEAT_ASSIGN(const Tensor positive, absolute(input));
  const Evaluator evaluator(model, Arithmetic::kDouble, threads);
  PLEAT_ASSIGN(const NamedTensors made, evaluator.run({{input_, positive}}, {node.outputs[0]}));
  double magnitude = largest(made.at(node.outputs[0]));
  if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
    AttributeReader attributes(node);
    if (const Tensor* bias = stored_constant(folded_.graph, node.inputs[2]))
      magnitude += largest(*bias) * std::fabs(attributes.number("beta", 1.0F));
  }
  const DType computed = computed_as(weight->dtype(), Arithmetic::kOwn);
  const double roundings = static_cast<double>(products_ + 8) * unit_roundoff(computed);
  const double storage = computed == weight->dtype() ? 0 : 2 * unit_roundoff(weight->dtype());
  return (2 * roundings / (1 - roundings) + storage) * magnitude;
}

}  // namespace pleat
