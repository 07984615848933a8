#include "converter/fold/layer_constants.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace pleat {

ExactConstant scaled(ExactConstant base, SharedMap map, ChannelOf channel_of) {
  ExactConstant out;
  out.shape = base.shape;
  out.dtype = base.dtype;
  out.value = [value = base.value, map, channel_of](std::size_t i) { return map->scale[channel_of(i)] * value(i); };
  out.terms = [terms = base.terms, map, channel_of](std::size_t i) {
    return std::fabs(map->scale[channel_of(i)].hi) * terms(i);
  };
  return out;
}

ExactConstant moved(MovedBias bias, Shape shape, DType dtype) {
  ExactConstant out;
  out.shape = std::move(shape);
  out.dtype = dtype;
  const auto held = std::make_shared<const MovedBias>(std::move(bias));
  out.value = [held](std::size_t i) {
    const std::size_t c = held->channel_of(i);
    if (!held->base) return held->map->shift[c];
    const DoubleDouble base = held->base->value(held->base_of(i)) * DoubleDouble(held->factor);
    return held->map->scale[c] * base + held->map->shift[c];
  };
  out.terms = [held](std::size_t i) {
    const std::size_t c = held->channel_of(i);
    if (!held->base) return held->map->shift_terms[c];
    const double base = held->base->terms(held->base_of(i)) * std::fabs(held->factor);
    return std::fabs(held->map->scale[c].hi) * base + held->map->shift_terms[c];
  };
  return out;
}

Attempt<ExactConstant> read_weight(const FoldContext& context, const Node& node, std::size_t input, int rank) {
  if (node.inputs.size() <= input || node.inputs[input].empty())
    return refuse("F50", fmt::format("{} has no weight", node.label()));
  const std::string& name = node.inputs[input];
  auto weight = exact_constant(context, name, "weight", "F50");
  if (!weight) return weight;
  const int given = weight->shape.rank();
  if (rank >= 0 ? given != rank : given < -rank)
    return refuse("F75", fmt::format("weight '{}' of {} has shape {}", name, node.label(), weight->shape.text()));
  return weight;
}

Attempt<std::optional<ExactConstant>> read_bias(const FoldContext& context, const Node& node, std::int64_t channels) {
  if (node.inputs.size() < 3 || node.inputs[2].empty()) return std::nullopt;
  auto bias = exact_constant(context, node.inputs[2], "bias", "F34");
  if (!bias) return tl::unexpected(bias.error());
  if (bias->shape.rank() != 1 || bias->shape[0] != channels)
    return refuse("F19", fmt::format("bias '{}' has shape {}, {} makes {} channels", node.inputs[2], bias->shape.text(),
                                     node.label(), channels));
  return std::optional(std::move(*bias));
}

std::string constant_name(const Node& layer, const char* role) { return name_of(layer) + ".folded_" + role; }

Attempt<SharedMap> fit(const AxisAffine& map, std::size_t axis, std::int64_t channels, const Node& layer,
                       const char* misfit) {
  if (!map.varies_only(axis))
    return refuse(misfit, fmt::format("it varies along another axis than the channels of {}", layer.label()));
  if (map.varies(axis) && map.extent(axis) != channels)
    return refuse(
        "F19", fmt::format("{} makes {} channels, the parameters have {}", layer.label(), channels, map.extent(axis)));
  if (!map.is_finite()) return refuse("F28", "its scale or shift is beyond the range of double");
  return std::make_shared<const AxisAffine>(spread(map, axis, {&channels, 1}));
}

bool renews_weight(const FoldContext& context, const std::string& weight, const AxisAffine& map) {
  const Node* maker = context.maker(weight);
  return (maker != nullptr && !maker->is("Constant")) ||
         std::ranges::any_of(map.scale, [](DoubleDouble s) { return s.hi != 1 || s.lo != 0; });
}

Attempt<std::string> add_operand(Draft& draft, const std::string& wanted, const AxisAffine& map, int rank, Part part,
                                 DType dtype) {
  std::vector<std::int64_t> extents = map.extents;
  extents.resize(static_cast<std::size_t>(rank), 1);
  const auto held = std::make_shared<const AxisAffine>(map);
  const bool of_scale = part == Part::kScale;
  ExactConstant exact;
  exact.shape = Shape(std::move(extents));
  exact.dtype = dtype;
  exact.channel_axis = rank > 1 ? 1 : -1;
  exact.value = [held, of_scale](std::size_t i) { return of_scale ? held->scale[i] : held->shift[i]; };
  exact.terms = [held, of_scale](std::size_t i) {
    return of_scale ? std::fabs(held->scale[i].hi) : held->shift_terms[i];
  };
  return draft.add_constant(wanted, std::move(exact));
}

void set_attribute(Node& node, Attribute attribute) {
  std::erase_if(node.attributes, [&](const Attribute& old) { return old.name == attribute.name; });
  node.attributes.push_back(std::move(attribute));
}

}  // namespace pleat
