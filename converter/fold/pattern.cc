#include "converter/fold/pattern.h"

#include <fmt/format.h>

#include <algorithm>

namespace pleat {
namespace {

bool is_floating(DType dtype) {
  return dtype == DType::kFloat || dtype == DType::kDouble || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
}

/// Constant nodes that nobody reads once `removed` are gone.
std::vector<std::size_t> idle_constants(const FoldContext& context, const std::vector<std::size_t>& removed) {
  const auto leaves = [&](std::size_t node) {
    return std::find(removed.begin(), removed.end(), node) != removed.end();
  };
  std::vector<std::size_t> idle;
  for (std::size_t i = 0; i < context.graph.nodes.size(); ++i) {
    const Node& node = context.graph.nodes[i];
    if (!node.is("Constant") || node.outputs.size() != 1 || context.uses.is_graph_output(node.outputs[0])) continue;
    const auto& readers = context.uses.readers(node.outputs[0]);
    if (readers.empty()) continue;
    if (std::all_of(readers.begin(), readers.end(), [&](const Uses::Reader& r) { return leaves(r.node); }))
      idle.push_back(i);
  }
  return idle;
}

}  // namespace

FoldedLayer::FoldedLayer(const FoldContext& context, const AffineChain& chain, const FoldOptions& options)
    : context_(context), chain_(chain), options_(options) {
  const Node& layer = chain.node(context);
  const std::string base = layer.name.empty() ? layer.outputs[0] : layer.name;
  rewrite_.old_weight = layer.inputs.size() > 1 ? layer.inputs[1] : "";
  rewrite_.new_weight = fresh_name(context.graph, base + ".folded_weight");
  rewrite_.new_bias = fresh_name(context.graph, base + ".folded_bias");
}

Attempt<Tensor> FoldedLayer::read_weight(int rank, int axis) const {
  const std::string& name = rewrite_.old_weight;
  if (name.empty()) return refuse("F50", "the layer has no weight input");
  auto weight = constant(context_, name, "weight", "F50");
  if (!weight) return weight;
  const Shape& shape = weight->shape();
  if (rank >= 0 ? shape.rank() != rank : shape.rank() < 3)
    return refuse("F75", fmt::format("weight '{}' has shape {}", name, shape.text()));
  if (!is_floating(weight->dtype()))
    return refuse("F49", fmt::format("weight '{}' is of type {}", name, dtype_name(weight->dtype())));
  const std::int64_t channels = shape[axis];
  if (channels != static_cast<std::int64_t>(chain_.affine.channels()))
    return refuse("F19", fmt::format("weight '{}' of shape {} makes {} channels, the parameters have {}", name,
                                     shape.text(), channels, chain_.affine.channels()));
  if (auto values = finite_values(*weight, name, "weight"); !values) return tl::unexpected(values.error());
  return weight;
}

Attempt<void> FoldedLayer::set_weight(const Tensor& weight, int axis) {
  return keep(fold_weight(weight, axis, chain_.affine, {weight.dtype(), options_.flush_subnormals}),
              rewrite_.new_weight);
}

Attempt<void> FoldedLayer::set_bias(std::span<const DoubleDouble> bias, Shape shape, DType dtype) {
  return keep(fold_bias(bias, std::move(shape), chain_.affine, {dtype, options_.flush_subnormals}), rewrite_.new_bias);
}

Attempt<void> FoldedLayer::keep(Result<FoldedTensor> folded, const std::string& name) {
  if (!folded) return refuse("F28", folded.error().what);
  if (folded->not_finite > 0)
    return refuse(
        "F28",
        fmt::format("{} values of '{}' would not fit {}", folded->not_finite, name, dtype_name(folded->tensor.dtype())),
        "keep the layer in a wider type");
  rewrite_.flushed += folded->flushed;
  rewrite_.patch.add_initializers.push_back({name, std::move(folded->tensor), {}, {}});
  return {};
}

Rewrite FoldedLayer::finish(std::string code, std::vector<Node> nodes) && {
  Patch& patch = rewrite_.patch;
  patch.reason = fmt::format("fold {} into {}", chain_.steps.back().record.node, chain_.node(context_).label());
  patch.remove_nodes.push_back(chain_.layer);
  for (const AffineStep& step : chain_.steps) patch.remove_nodes.push_back(step.node);
  for (const std::size_t node : idle_constants(context_, patch.remove_nodes)) patch.remove_nodes.push_back(node);
  patch.add_nodes = std::move(nodes);
  rewrite_.code = std::move(code);
  return std::move(rewrite_);
}

}  // namespace pleat
