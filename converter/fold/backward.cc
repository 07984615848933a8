#include "converter/fold/backward.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pleat {
namespace {

struct NamedRule {
  const char* op_type;
  BackwardRule rule;
};
constexpr NamedRule kRules[] = {{"Conv", absorb_conv},
                                {"ConvTranspose", absorb_conv_transpose},
                                {"Gemm", absorb_gemm},
                                {"MatMul", absorb_matmul},
                                {"BatchNormalization", absorb_batch_norm},
                                {"Add", absorb_arithmetic},
                                {"Sub", absorb_arithmetic},
                                {"Mul", absorb_arithmetic},
                                {"Div", absorb_arithmetic},
                                {"Neg", absorb_neg},
                                {"Sum", absorb_sum},
                                {"Identity", absorb_identity},
                                {"Dropout", absorb_dropout},
                                {"Cast", absorb_cast},
                                {"Transpose", absorb_transpose},
                                {"Reshape", absorb_reshape},
                                {"Flatten", absorb_reshape},
                                {"Squeeze", absorb_squeeze},
                                {"Unsqueeze", absorb_squeeze},
                                {"DepthToSpace", absorb_depth_to_space},
                                {"SpaceToDepth", absorb_depth_to_space},
                                {"Slice", absorb_slice},
                                {"Concat", absorb_concat},
                                {"AveragePool", absorb_average_pool},
                                {"GlobalAveragePool", absorb_global_average_pool},
                                {"ReduceMean", absorb_reduce_mean},
                                {"MaxPool", absorb_max_pool},
                                {"GlobalMaxPool", absorb_max_pool},
                                {"Pad", absorb_pad},
                                {"Resize", absorb_resize},
                                {"Upsample", absorb_resize}};

constexpr std::array kActivations = {
    "Relu", "LeakyRelu", "PRelu", "Elu",        "Selu",     "Sigmoid",         "HardSigmoid",
    "Tanh", "Softmax",   "Clip",  "Softplus",   "Gelu",     "ThresholdedRelu", "HardSwish",
    "Mish", "Celu",      "Erf",   "LogSoftmax", "Softsign", "Hardmax",         "Abs",
    "Exp",  "Sqrt",      "Pow"};
constexpr std::array kNormalizations = {
    "InstanceNormalization", "GroupNormalization", "LayerNormalization", "MeanVarianceNormalization", "LRN",
    "LpNormalization"};
constexpr std::array kQuantized = {"QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear"};
constexpr std::array kIntegerLayers = {"ConvInteger", "MatMulInteger", "QLinearConv", "QLinearMatMul"};
constexpr std::array kSizeOnly = {"Shape", "Size"};

template <class List>
bool is_any(const Node& node, const List& operators) {
  return std::ranges::any_of(operators, [&](const char* op) { return node.is(op); });
}

}  // namespace

Refusal not_linear(const Node* node, const std::string& value) {
  if (node == nullptr)
    return {"F115", fmt::format("its input '{}' is no layer's output but comes from outside the graph", value), {}};
  const std::string detail = fmt::format("its input is made by {}", node->label());
  if (!node->domain.empty() && node->domain != "ai.onnx") return {"F88", detail, {}};
  if (is_any(*node, kActivations)) return {"F87", detail, {}};
  if (is_any(*node, kNormalizations)) return {"F104", detail, {}};
  if (is_any(*node, kQuantized)) return {"F53", detail, "fold before quantizing"};
  if (is_any(*node, kIntegerLayers)) return {"F54", detail, "fold before quantizing"};
  if (node->is("Split")) return {"F103", detail, {}};
  return {"F115", detail, {}};
}

Attempt<void> Backward::check_private(const std::string& value, std::size_t reader, const std::string& name) {
  if (context_->uses.is_graph_output(value))
    return refuse("F41", fmt::format("'{}' is an output of the graph", value),
                  "drop that graph output if nobody needs it");
  int reads = 0;
  for (const Uses::Reader& use : context_->uses.readers(value)) {
    const Node& node = context_->node(use.node);
    if (use.input < 0) return refuse("F43", fmt::format("'{}' is read inside {}", value, node.label()));
    if (is_any(node, kSizeOnly)) {
      draft.replaced(use.node).inputs[static_cast<std::size_t>(use.input)] = name;
      continue;
    }
    if (use.node != reader || ++reads > 1)
      return refuse("F39", fmt::format("'{}' is also read by {}", value, node.label()));
  }
  return {};
}

Attempt<void> Backward::absorb(const std::string& value, AxisAffine map, std::size_t reader, const std::string& name) {
  const auto producer = context_->uses.producer(value);
  if (!producer) return tl::unexpected(not_linear(nullptr, value));
  const Node& maker = node(*producer);
  const auto* rule = std::ranges::find_if(kRules, [&](const NamedRule& known) { return maker.is(known.op_type); });
  if (rule == std::end(kRules)) {
    Refusal refusal = not_linear(&maker, value);
    // An activation of the graph's input hides no layer.
    if (refusal.code == "F87" && !maker.inputs.empty() && context_->maker(maker.inputs[0]) == nullptr)
      refusal.code = "F115";
    return tl::unexpected(std::move(refusal));
  }
  if (maker.outputs[0] != value) return tl::unexpected(not_linear(&maker, value));
  if (auto alone = check_private(value, reader, name); !alone) return alone;
  return rule->rule(*this, {*producer, std::move(map), name});
}

Attempt<void> pass_on(Backward& walk, const Request& request, std::size_t input, AxisAffine map) {
  const std::string& value = walk.node(request.node).inputs[input];
  const std::string name = walk.draft.fresh(value + ".folded");
  Node& node = walk.draft.replaced(request.node);
  node.inputs[input] = name;
  node.outputs[0] = request.name;
  return walk.absorb(value, std::move(map), request.node, name);
}

}  // namespace pleat
