#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/pattern.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

/// β·C spread over rows × channels, exactly; one row unless C has more.
struct SpreadBias {
  Shape shape;
  std::vector<DoubleDouble> values;
};

Attempt<SpreadBias> spread(const Tensor& c, const std::string& name, float beta, std::int64_t channels) {
  auto values = finite_values(c, name, "bias");
  if (!values) return tl::unexpected(values.error());
  const Shape& shape = c.shape();
  const std::int64_t columns = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
  const std::int64_t rows = shape.rank() < 2 ? 1 : shape[0];
  if (shape.rank() > 2 || (columns != 1 && columns != channels))
    return refuse("F67",
                  fmt::format("bias '{}' of shape {} does not broadcast to {} columns", name, shape.text(), channels));
  SpreadBias bias;
  bias.shape = rows == 1 ? Shape{channels} : Shape{rows, channels};
  bias.values.reserve(static_cast<std::size_t>(rows * channels));
  for (std::int64_t row = 0; row < rows; ++row) {
    for (std::int64_t column = 0; column < channels; ++column) {
      const std::int64_t at = row * columns + (columns == 1 ? 0 : column);
      bias.values.push_back(two_prod(beta, (*values)[static_cast<std::size_t>(at)]));
    }
  }
  return bias;
}

void set_attribute(Node& node, Attribute attribute) {
  std::erase_if(node.attributes, [&](const Attribute& old) { return old.name == attribute.name; });
  node.attributes.push_back(std::move(attribute));
}

}  // namespace

/// Gemm α·A·B + β·C with B constant: the output always has rank 2, so BatchNormalization's axis 1 is B's output axis.
/// α stays; β goes into the new C, which is [N] unless the old one had several rows.
Attempt<Rewrite> fold_gemm(const FoldContext& context, const AffineChain& chain, const FoldOptions& options) {
  const Node& gemm = chain.node(context);
  AttributeReader attributes(gemm);
  const int axis = attributes.integer("transB", 0) != 0 ? 0 : 1;
  FoldedLayer folded(context, chain, options);
  auto weight = folded.read_weight(2, axis);
  if (!weight) return tl::unexpected(weight.error());

  const auto channels = static_cast<std::int64_t>(chain.affine.channels());
  SpreadBias bias{Shape{channels}, std::vector<DoubleDouble>(chain.affine.channels())};
  if (gemm.inputs.size() > 2 && !gemm.inputs[2].empty()) {
    const std::string& name = gemm.inputs[2];
    auto c = constant(context, name, "bias", "F68");
    if (!c) return tl::unexpected(c.error());
    auto full = spread(*c, name, attributes.number("beta", 1.0F), channels);
    if (!full) return tl::unexpected(full.error());
    bias = std::move(*full);
    folded.set_old_bias(name);
  }
  if (auto done = folded.set_weight(*weight, axis); !done) return tl::unexpected(done.error());
  if (auto done = folded.set_bias(bias.values, bias.shape, weight->dtype()); !done) return tl::unexpected(done.error());

  Node node = gemm;
  node.inputs = {gemm.inputs[0], folded.weight_name(), folded.bias_name()};
  node.outputs = {chain.output};
  if (gemm.attribute("beta") != nullptr) set_attribute(node, Attribute::number("beta", 1.0F));
  if (context.model.opset() < 7) set_attribute(node, Attribute::integer("broadcast", 1));
  return std::move(folded).finish("F63", {std::move(node)});
}

}  // namespace pleat
