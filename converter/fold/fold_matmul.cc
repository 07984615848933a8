#include <fmt/format.h>

#include "converter/fold/pattern.h"
#include "converter/fold/rank.h"

namespace pleat {
namespace {

Attempt<void> check_operands(const FoldContext& context, const Node& matmul) {
  if (matmul.inputs.size() != 2) return refuse("F50", fmt::format("{} has not two inputs", matmul.label()));
  const bool right = constant(context, matmul.inputs[1], "weight", "F50").has_value();
  if (!right && constant(context, matmul.inputs[0], "weight", "F50").has_value())
    return refuse("F69", fmt::format("the constant of {} is its left operand", matmul.label()));
  return {};
}

/// Gate 7: axis 1 of the output is the weight's last axis only where the output has exactly two axes.
Attempt<void> check_output_rank(const FoldContext& context, const Node& matmul) {
  const auto left = rank_of(context, matmul.inputs[0]);
  const auto out = left ? left : rank_of(context, matmul.outputs[0]);
  if (!out)
    return refuse("F70", fmt::format("the number of axes of '{}' is not known", matmul.inputs[0]),
                  "add shape information to the model (ONNX shape inference)");
  if (*out != 2)
    return refuse("F71",
                  fmt::format("'{}' has {} axes, so axis 1 is not the weight's output axis", matmul.outputs[0], *out));
  return {};
}

}  // namespace

/// MatMul X·W with W[K,N] constant, then perhaps an Add of a constant: becomes MatMul and Add. The product between them
/// is a new value and gets a new name.
Attempt<Rewrite> fold_matmul(const FoldContext& context, const AffineChain& chain, const FoldOptions& options) {
  const Node& matmul = chain.node(context);
  if (auto good = check_operands(context, matmul); !good) return tl::unexpected(good.error());
  if (auto good = check_output_rank(context, matmul); !good) return tl::unexpected(good.error());
  FoldedLayer folded(context, chain, options);
  auto weight = folded.read_weight(2, 1);
  if (!weight) return tl::unexpected(weight.error());

  const auto channels = static_cast<std::int64_t>(chain.affine.channels());
  const std::vector<DoubleDouble> no_bias(chain.affine.channels());
  if (auto done = folded.set_weight(*weight, 1); !done) return tl::unexpected(done.error());
  if (auto done = folded.set_bias(no_bias, Shape{channels}, weight->dtype()); !done)
    return tl::unexpected(done.error());

  const AffineStep& first = chain.steps.front();
  const bool has_add = first.record.op_type == "Add";
  Node product = matmul;
  product.inputs = {matmul.inputs[0], folded.weight_name()};
  product.outputs = {fresh_name(context.graph, matmul.outputs[0] + ".folded")};
  Node add;
  add.name = context.graph.nodes[has_add ? first.node : chain.steps.back().node].name;
  add.op_type = "Add";
  add.inputs = {product.outputs[0], folded.bias_name()};
  add.outputs = {chain.output};
  if (context.model.opset() < 7) add.attributes.push_back(Attribute::integer("broadcast", 1));
  folded.set_add_node(add.name.empty() ? add.outputs[0] : add.name);
  return std::move(folded).finish(has_add ? "F74" : "F70", {std::move(product), std::move(add)});
}

}  // namespace pleat
