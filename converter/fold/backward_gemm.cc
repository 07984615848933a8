#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/backward.h"
#include "converter/fold/layer_constants.h"
#include "converter/fold/sizes.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstOpsetWithNumpyBroadcast = 7;

bool is_constant(const FoldContext& context, const std::string& value) {
  return constant(context, value, "weight", "F50").has_value();
}

/// Gemm's C, how many rows it has and which of its elements falls on (row, column).
struct GemmBias {
  std::optional<ExactConstant> c;
  std::int64_t rows = 1;
  std::int64_t columns = 1;
};

Attempt<GemmBias> read_c(const FoldContext& context, const Node& gemm, std::int64_t channels) {
  GemmBias bias;
  if (gemm.inputs.size() < 3 || gemm.inputs[2].empty()) return bias;
  const std::string& name = gemm.inputs[2];
  auto c = exact_constant(context, name, "bias", "F68");
  if (!c) return tl::unexpected(c.error());
  const Shape& shape = c->shape;
  bias.columns = shape.rank() == 0 ? 1 : shape[shape.rank() - 1];
  bias.rows = shape.rank() < 2 ? 1 : shape[0];
  if (shape.rank() > 2 || (bias.columns != 1 && bias.columns != channels))
    return refuse("F67",
                  fmt::format("bias '{}' of shape {} does not broadcast to {} columns", name, shape.text(), channels));
  bias.c = std::move(*c);
  return bias;
}

/// The product is a new value; an Add behind it makes the requested one. Where nothing is shifted no Add is needed.
Attempt<void> finish_matmul(Backward& walk, const Request& request, const SharedMap& map, Shape shape, DType dtype) {
  const Node& layer = walk.node(request.node);
  Node& node = walk.draft.replaced(request.node);
  walk.draft.targets.push_back(name_of(layer));
  if (!map->shifts()) {
    node.outputs[0] = request.name;
    return {};
  }
  const auto same = [](std::size_t i) { return i; };
  const bool rows = shape.rank() == 2;
  ExactConstant exact = moved({std::nullopt, same, 1, map, same}, std::move(shape), dtype);
  exact.channel_axis = 0;
  auto bias = walk.draft.add_constant(constant_name(layer, "bias"), std::move(exact));
  if (!bias) return tl::unexpected(bias.error());
  const std::string product = walk.draft.fresh(layer.outputs[0] + ".folded");
  walk.draft.replaced(request.node).outputs[0] = product;
  Node add;
  add.name = walk.node(walk.nearest_step).name;
  add.op_type = "Add";
  add.inputs = {product, *bias};
  add.outputs = {request.name};
  if (walk.context().model.opset() < kFirstOpsetWithNumpyBroadcast) {
    if (rows) return refuse("F77", "an Add of one value per row needs the broadcasting of opset 7");
    add.attributes.push_back(Attribute::integer("broadcast", 1));
  }
  walk.draft.insert_after(request.node, std::move(add));
  return {};
}

Attempt<void> absorb_right(Backward& walk, const Request& request) {
  const Node& layer = walk.node(request.node);
  const FoldContext& context = walk.context();
  auto weight = read_weight(context, layer, 1, -2);
  if (!weight) return tl::unexpected(weight.error());
  const Shape shape = weight->shape;
  auto rank = rank_of(context, layer.inputs[0]);
  if (rank) rank = std::max(*rank, shape.rank());
  if (!rank) rank = rank_of(context, layer.outputs[0]);
  if (!rank)
    return refuse("F70", fmt::format("the number of axes of '{}' is not known", layer.inputs[0]),
                  "add shape information to the model (ONNX shape inference)");
  const auto axis = static_cast<std::size_t>(*rank - 1);
  if (!request.map.varies_only(axis)) {
    if (shape.rank() > 2) return refuse("F75", fmt::format("weight '{}' has {} axes", layer.inputs[1], shape.rank()));
    if (std::string_view(walk.misfit) == "F80" && *rank > 2 && request.map.varies_only(1))
      return refuse(
          "F71", fmt::format("'{}' has {} axes, so axis 1 is not the weight's output axis", layer.outputs[0], *rank));
  }
  const std::int64_t channels = shape[shape.rank() - 1];
  auto map = fit(request.map, axis, channels, layer, walk.misfit);
  if (!map) return tl::unexpected(map.error());
  const DType dtype = weight->dtype;
  if (renews_weight(context, layer.inputs[1], **map)) {
    const auto columns = static_cast<std::size_t>(channels);
    ExactConstant exact = scaled(std::move(*weight), *map, [columns](std::size_t i) { return i % columns; });
    exact.channel_axis = shape.rank() - 1;
    auto name = walk.draft.add_constant(constant_name(layer, "weight"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    walk.draft.replaced(request.node).inputs[1] = *name;
  }
  walk.draft.mark("F70");
  return finish_matmul(walk, request, *map, Shape{channels}, dtype);
}

/// W·X with W[M,K]: rows of the output, the last axis but one, are the weight's rows.
Attempt<void> absorb_left(Backward& walk, const Request& request) {
  const Node& layer = walk.node(request.node);
  auto weight = read_weight(walk.context(), layer, 0, 2);
  if (!weight) return tl::unexpected(weight.error());
  const auto rank = rank_of(walk.context(), layer.inputs[1]);
  if (!rank)
    return refuse("F70", fmt::format("the number of axes of '{}' is not known", layer.inputs[1]),
                  "add shape information to the model (ONNX shape inference)");
  if (*rank < 2 || (*rank == 2 && request.map.varies(1)))
    return refuse("F69", fmt::format("the constant of {} is its left operand", layer.label()));
  const std::int64_t channels = weight->shape[0];
  const auto axis = static_cast<std::size_t>(*rank - 2);
  auto map = fit(request.map, axis, channels, layer, walk.misfit);
  if (!map) return tl::unexpected(map.error());
  const DType dtype = weight->dtype;
  if (renews_weight(walk.context(), layer.inputs[0], **map)) {
    const auto columns = static_cast<std::size_t>(weight->shape[1]);
    ExactConstant exact = scaled(std::move(*weight), *map, [columns](std::size_t i) { return i / columns; });
    exact.channel_axis = 0;
    auto name = walk.draft.add_constant(constant_name(layer, "weight"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    walk.draft.replaced(request.node).inputs[0] = *name;
  }
  walk.draft.mark("F71");
  return finish_matmul(walk, request, *map, Shape{channels, 1}, dtype);
}

}  // namespace

/// α·A·B + β·C with B constant: the output has rank 2 and axis 1 is B's output axis. α stays; β goes into the new C,
/// which is [N] unless the old one had several rows.
Attempt<void> absorb_gemm(Backward& walk, const Request& request) {
  const Node& gemm = walk.node(request.node);
  const FoldContext& context = walk.context();
  AttributeReader attributes(gemm);
  const bool transposed = attributes.integer("transB", 0) != 0;
  auto weight = read_weight(context, gemm, 1, 2);
  if (!weight) {
    if (!gemm.inputs.empty() && weight.error().code == "F50" && is_constant(context, gemm.inputs[0]))
      return refuse("F69", fmt::format("the constant of {} is its left operand", gemm.label()));
    return tl::unexpected(weight.error());
  }
  const std::int64_t channels = weight->shape[transposed ? 0 : 1];
  auto map = fit(request.map, 1, channels, gemm, walk.misfit);
  if (!map) return tl::unexpected(map.error());
  auto bias = read_c(context, gemm, channels);
  if (!bias) return tl::unexpected(bias.error());
  const DType dtype = weight->dtype;
  Node& node = walk.draft.replaced(request.node);
  const auto n = static_cast<std::size_t>(channels);
  if (renews_weight(context, gemm.inputs[1], **map)) {
    const auto inner = static_cast<std::size_t>(weight->shape[1]);
    const ChannelOf channel_of = transposed ? ChannelOf([inner](std::size_t i) { return i / inner; })
                                            : ChannelOf([n](std::size_t i) { return i % n; });
    ExactConstant exact = scaled(std::move(*weight), *map, channel_of);
    exact.channel_axis = transposed ? 0 : 1;
    auto name = walk.draft.add_constant(constant_name(gemm, "weight"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    node.inputs[1] = *name;
  }
  if (bias->c || (*map)->shifts()) {
    const auto columns = static_cast<std::size_t>(bias->columns);
    const auto base_of = [n, columns](std::size_t i) { return i / n * columns + (columns == 1 ? 0 : i % n); };
    Shape shape = bias->rows == 1 ? Shape{channels} : Shape{bias->rows, channels};
    const float beta = attributes.number("beta", 1.0F);
    ExactConstant exact =
        moved({std::move(bias->c), base_of, beta, *map, [n](std::size_t i) { return i % n; }}, std::move(shape), dtype);
    exact.channel_axis = exact.shape.rank() - 1;
    auto name = walk.draft.add_constant(constant_name(gemm, "bias"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    node.inputs.resize(3);
    node.inputs[2] = *name;
    if (gemm.attribute("beta") != nullptr) set_attribute(node, Attribute::number("beta", 1.0F));
    if (context.model.opset() < kFirstOpsetWithNumpyBroadcast) set_attribute(node, Attribute::integer("broadcast", 1));
  }
  node.outputs[0] = request.name;
  walk.draft.targets.push_back(name_of(gemm));
  walk.draft.mark("F63");
  return {};
}

Attempt<void> absorb_matmul(Backward& walk, const Request& request) {
  const Node& layer = walk.node(request.node);
  if (layer.inputs.size() != 2) return refuse("F50", fmt::format("{} has not two inputs", layer.label()));
  const bool left = !is_constant(walk.context(), layer.inputs[1]) && is_constant(walk.context(), layer.inputs[0]);
  return left ? absorb_left(walk, request) : absorb_right(walk, request);
}

}  // namespace pleat
