#include <fmt/format.h>

#include "converter/fold/pattern.h"

namespace pleat {

/// Conv W[M, C/group, k…]: the BatchNormalization's axis 1 is the layer's M, whatever the group.
Attempt<Rewrite> fold_conv(const FoldContext& context, const AffineChain& chain, const FoldOptions& options) {
  const Node& conv = chain.node(context);
  FoldedLayer folded(context, chain, options);
  auto weight = folded.read_weight(-1, 0);
  if (!weight) return tl::unexpected(weight.error());

  const std::size_t channels = chain.affine.channels();
  std::vector<DoubleDouble> bias(channels);
  const bool has_bias = conv.inputs.size() > 2 && !conv.inputs[2].empty();
  if (has_bias) {
    const std::string& name = conv.inputs[2];
    auto tensor = constant(context, name, "bias", "F34");
    if (!tensor) return tl::unexpected(tensor.error());
    auto values = finite_values(*tensor, name, "bias");
    if (!values) return tl::unexpected(values.error());
    if (tensor->shape().rank() != 1 || values->size() != channels)
      return refuse("F19", fmt::format("bias '{}' has shape {}, the parameters have {} elements", name,
                                       tensor->shape().text(), channels));
    bias.assign(values->begin(), values->end());
    folded.set_old_bias(name);
  }
  if (auto done = folded.set_weight(*weight, 0); !done) return tl::unexpected(done.error());
  const Shape shape{static_cast<std::int64_t>(channels)};
  if (auto done = folded.set_bias(bias, shape, weight->dtype()); !done) return tl::unexpected(done.error());

  Node node = conv;
  node.inputs = {conv.inputs[0], folded.weight_name(), folded.bias_name()};
  node.outputs = {chain.output};
  return std::move(folded).finish(has_bias ? "F32" : "F31", {std::move(node)});
}

}  // namespace pleat
