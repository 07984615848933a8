#include <fmt/format.h>

#include "converter/fold/backward.h"
#include "converter/fold/layer_constants.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

/// Weight and bias of a convolution whose output channels take `map`, channel_of telling each weight's channel.
Attempt<void> take(Backward& walk, const Request& request, ExactConstant weight, const SharedMap& map,
                   ChannelOf channel_of, int channel_axis) {
  const Node& layer = walk.node(request.node);
  const auto channels = static_cast<std::int64_t>(map->scale.size());
  auto bias = read_bias(walk.context(), layer, channels);
  if (!bias) return tl::unexpected(bias.error());
  const DType dtype = weight.dtype;
  Node& node = walk.draft.replaced(request.node);
  if (renews_weight(walk.context(), layer.inputs[1], *map)) {
    ExactConstant exact = scaled(std::move(weight), map, std::move(channel_of));
    exact.channel_axis = channel_axis;
    auto name = walk.draft.add_constant(constant_name(layer, "weight"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    node.inputs[1] = *name;
  }
  const bool had_bias = bias->has_value();
  if (had_bias || map->shifts()) {
    const auto same = [](std::size_t i) { return i; };
    ExactConstant exact = moved({std::move(*bias), same, 1, map, same}, Shape{channels}, dtype);
    exact.channel_axis = 0;
    auto name = walk.draft.add_constant(constant_name(layer, "bias"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    node.inputs.resize(3);
    node.inputs[2] = *name;
  }
  node.outputs[0] = request.name;
  walk.draft.targets.push_back(name_of(layer));
  if (layer.is("Conv")) walk.draft.mark(had_bias ? "F32" : "F31");
  return {};
}

}  // namespace

/// W[M, C/group, k…]: axis 1 of the output is the weight's axis 0, whatever the group.
Attempt<void> absorb_conv(Backward& walk, const Request& request) {
  const Node& layer = walk.node(request.node);
  auto weight = read_weight(walk.context(), layer, 1, -3);
  if (!weight) return tl::unexpected(weight.error());
  auto map = fit(request.map, 1, weight->shape[0], layer, walk.misfit);
  if (!map) return tl::unexpected(map.error());
  const auto inner = static_cast<std::size_t>(weight->shape.elements(1, weight->shape.rank()));
  return take(
      walk, request, std::move(*weight), *map, [inner](std::size_t i) { return i / inner; }, 0);
}

/// W[C, M/group, k…]: input channel c and position m of axis 1 belong to output channel (c ÷ (C/group))·(M/group) + m.
Attempt<void> absorb_conv_transpose(Backward& walk, const Request& request) {
  const Node& layer = walk.node(request.node);
  auto weight = read_weight(walk.context(), layer, 1, -3);
  if (!weight) return tl::unexpected(weight.error());
  AttributeReader attributes(layer);
  const std::int64_t group = attributes.integer("group", 1);
  const Shape& shape = weight->shape;
  if (group < 1 || group > shape[0] || shape[0] % group != 0)
    return refuse("F37", fmt::format("{} has {} groups of {} input channels", layer.label(), group, shape[0]));
  auto map = fit(request.map, 1, shape[1] * group, layer, walk.misfit);
  if (!map) return tl::unexpected(map.error());
  walk.draft.mark(group == 1 ? "F36" : "F37");
  const auto inner = static_cast<std::size_t>(shape.elements(2, shape.rank()));
  const auto per_group = static_cast<std::size_t>(shape[1]);
  const auto inputs = static_cast<std::size_t>(shape[0] / group);
  const auto channel_of = [inner, per_group, inputs](std::size_t i) {
    const std::size_t position = i / inner;
    return position / per_group / inputs * per_group + position % per_group;
  };
  return take(walk, request, std::move(*weight), *map, channel_of, group == 1 ? 1 : -1);
}

}  // namespace pleat
