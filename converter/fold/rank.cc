#include "converter/fold/rank.h"

#include <algorithm>
#include <array>

namespace pleat {
namespace {

constexpr int kLongestWalk = 256;
constexpr std::array kKeepRank = {"BatchNormalization",
                                  "Relu",
                                  "LeakyRelu",
                                  "Elu",
                                  "Selu",
                                  "Sigmoid",
                                  "HardSigmoid",
                                  "Tanh",
                                  "Softmax",
                                  "LogSoftmax",
                                  "Clip",
                                  "Softplus",
                                  "Identity",
                                  "Dropout",
                                  "MaxPool",
                                  "Cast",
                                  "AveragePool",
                                  "GlobalAveragePool",
                                  "GlobalMaxPool",
                                  "Transpose",
                                  "Neg",
                                  "Abs",
                                  "Sqrt",
                                  "Exp",
                                  "Log",
                                  "Pad",
                                  "LRN",
                                  "HardSwish"};

std::optional<int> annotated(const FoldContext& context, const std::string& value) {
  for (const auto* infos : {&context.graph.inputs, &context.graph.value_info, &context.graph.outputs}) {
    const auto it = std::find_if(infos->begin(), infos->end(), [&](const ValueInfo& v) { return v.name == value; });
    if (it != infos->end() && it->type.shape) return static_cast<int>(it->type.shape->size());
  }
  if (const Initializer* initializer = context.graph.initializer(value); initializer && initializer->tensor.present())
    return initializer->tensor.shape().rank();
  return std::nullopt;
}

std::optional<int> constant_length(const FoldContext& context, const std::string& value) {
  const auto tensor = constant(context, value, "shape", "F50");
  if (!tensor || tensor->shape().rank() != 1) return std::nullopt;
  return static_cast<int>(tensor->elements());
}

}  // namespace

std::optional<int> rank_of(const FoldContext& context, const std::string& value) {
  std::string current = value;
  for (int steps = 0; steps < kLongestWalk; ++steps) {
    if (const auto rank = annotated(context, current)) return rank;
    const auto producer = context.uses.producer(current);
    if (!producer) return std::nullopt;
    const Node& node = context.graph.nodes[*producer];
    if (node.is("Gemm") || node.is("Flatten")) return 2;
    if (node.inputs.empty()) return std::nullopt;
    if (node.is("Reshape")) return node.inputs.size() > 1 ? constant_length(context, node.inputs[1]) : std::nullopt;
    if (node.is("MatMul")) {
      const auto right = node.inputs.size() > 1 ? annotated(context, node.inputs[1]) : std::nullopt;
      if (right != 2) return std::nullopt;
    } else if (node.is("Conv")) {
      // the input's rank and the weight's are the same
    } else if (std::none_of(kKeepRank.begin(), kKeepRank.end(), [&](const char* op) { return node.is(op); })) {
      return std::nullopt;
    }
    current = node.inputs[0];
  }
  return std::nullopt;
}

}  // namespace pleat
