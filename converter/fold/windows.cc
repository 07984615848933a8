#include "converter/fold/windows.h"

#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/sizes.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

bool all_are(const std::vector<std::int64_t>& numbers, std::int64_t wanted) {
  return std::ranges::all_of(numbers, [wanted](std::int64_t n) { return n == wanted; });
}

Attempt<void> only_channels(const Node& node, const AxisAffine& map, const char* code) {
  for (std::size_t axis = 2; axis < map.extents.size(); ++axis)
    if (map.varies(axis))
      return refuse(code, fmt::format("the map varies along axis {}, over which {} goes", axis, node.label()));
  return {};
}

bool is_read(const FoldContext& context, const Node& node, std::size_t output) {
  return output < node.outputs.size() && !node.outputs[output].empty() &&
         (!context.uses.readers(node.outputs[output]).empty() || context.uses.is_graph_output(node.outputs[output]));
}

/// Per axis: 1 where the size certainly stays, else something else.
std::optional<std::vector<double>> scales_of(const FoldContext& context, const Node& node) {
  AttributeReader attributes(node);
  if (const auto given = attributes.numbers("scales"); !given.empty())
    return std::vector<double>(given.begin(), given.end());
  const std::size_t input = node.is("Upsample") || node.inputs.size() == 2 ? 1 : 2;
  if (node.inputs.size() > input && !node.inputs[input].empty()) {
    const auto tensor = constant(context, node.inputs[input], "scales", "F94");
    const auto values = tensor ? to_doubles(*tensor) : Result<std::vector<double>>(std::vector<double>{});
    if (values && !values->empty()) return *values;
  }
  if (node.inputs.size() > 3 && !node.inputs[3].empty()) {
    const auto wanted = constant_integers(context, node.inputs[3]);
    const auto sizes = sizes_of(context, node.inputs[0]);
    if (!wanted || !sizes || wanted->size() != sizes->size()) return std::nullopt;
    std::vector<double> scales;
    for (std::size_t i = 0; i < wanted->size(); ++i) scales.push_back((*sizes)[i].is((*wanted)[i]) ? 1 : 0);
    return scales;
  }
  return std::nullopt;
}

/// Whether some window may see nothing but padding, and so give 0 whatever the input.
bool has_empty_windows(AttributeReader& attributes) {
  const auto kernel = attributes.integers("kernel_shape");
  const auto pads = attributes.integers("pads");
  const auto dilations = attributes.integers("dilations", std::vector<std::int64_t>(kernel.size(), 1));
  for (std::size_t i = 0; i < pads.size(); ++i) {
    const std::size_t axis = kernel.empty() ? 0 : i % kernel.size();
    const bool sees_input =
        axis < kernel.size() && axis < dilations.size() && pads[i] < kernel[axis] && dilations[axis] == 1;
    if (pads[i] > 0 && !sees_input) return true;
  }
  return false;
}

}  // namespace

Attempt<void> commutes_with_average_pool(const Node& node, const AxisAffine& map) {
  AttributeReader attributes(node);
  const std::string auto_pad = attributes.text("auto_pad", "NOTSET");
  const bool padded = !all_are(attributes.integers("pads"), 0) || auto_pad.starts_with("SAME");
  const bool partial = attributes.integer("ceil_mode", 0) != 0;
  const bool counted = attributes.integer("count_include_pad", 0) != 0;
  if (map.shifts() && has_empty_windows(attributes))
    return refuse("F91", fmt::format("{} has windows that lie in its padding alone", node.label()));
  if (counted && (padded || partial) && map.shifts())
    return refuse("F91", fmt::format("{} counts the zeros of its padding, which would not be shifted", node.label()));
  return only_channels(node, map, "F91");
}

Attempt<void> commutes_with_global_pool(const Node& node, const AxisAffine& map) {
  if (node.is("GlobalMaxPool") && !map.keeps_order())
    return refuse("F90", fmt::format("{} takes the largest, and a negative scale turns the order round", node.label()));
  return only_channels(node, map, "F92");
}

Attempt<void> commutes_with_max_pool(const FoldContext& context, const Node& node, const AxisAffine& map) {
  if (!map.keeps_order())
    return refuse("F90", fmt::format("{} takes the largest, and a negative scale turns the order round", node.label()));
  if (is_read(context, node, 1)) return refuse("F90", fmt::format("the indices of {} are read", node.label()));
  return only_channels(node, map, "F90");
}

Attempt<void> commutes_with_resize(const FoldContext& context, const Node& node, const AxisAffine& map) {
  AttributeReader attributes(node);
  const auto refused = [&](const char* why) { return refuse("F94", fmt::format("{} {}", node.label(), why)); };
  const std::string mode = attributes.text("mode", "nearest");
  if (mode == "cubic") return refused("interpolates with negative weights, for which no bound is derived here");
  if (attributes.text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize" && map.shifts())
    return refused("fills places outside with a value that would not be shifted");
  if (attributes.has("axes")) return refused("names its axes, which is not followed here");
  const auto scales = scales_of(context, node);
  if (!scales) return refused("has no constant scales");
  for (std::size_t axis = 0; axis < map.extents.size(); ++axis)
    if (map.varies(axis) && (axis >= scales->size() || (*scales)[axis] != 1))
      return refused("resizes the normalized axis");
  return {};
}

Attempt<PadSpec> pad_of(const FoldContext& context, const Node& node) {
  AttributeReader attributes(node);
  PadSpec pad;
  pad.mode = attributes.text("mode", "constant");
  pad.pads = attributes.integers(attributes.has("pads") ? "pads" : "paddings");
  pad.value = static_cast<double>(attributes.number("value", 0));
  const auto refused = [&](const char* why) { return refuse("F93", fmt::format("{} {}", node.label(), why)); };
  if (node.inputs.size() > 1 && !node.inputs[1].empty()) {
    const auto given = constant_integers(context, node.inputs[1]);
    if (!given) return refused("has pads that are not constant");
    pad.pads = *given;
  }
  if (node.inputs.size() > 2 && !node.inputs[2].empty()) {
    const auto value = constant(context, node.inputs[2], "value", "F93");
    if (!value) return tl::unexpected(value.error());
    const auto number = to_doubles(*value);
    if (!number || number->size() != 1) return refused("has a value that is no number");
    pad.value = number->front();
  }
  if (node.inputs.size() > 3 && !node.inputs[3].empty()) {
    const auto axes = constant_integers(context, node.inputs[3]);
    const auto rank = rank_of(context, node.inputs[0]);
    if (!axes || !rank || pad.pads.size() != 2 * axes->size()) return refused("has axes that are not known");
    std::vector<std::int64_t> whole(2 * static_cast<std::size_t>(*rank), 0);
    for (std::size_t i = 0; i < axes->size(); ++i) {
      const std::int64_t axis = (*axes)[i] < 0 ? (*axes)[i] + *rank : (*axes)[i];
      if (axis < 0 || axis >= *rank) return refused("has axes out of range");
      whole[static_cast<std::size_t>(axis)] = pad.pads[i];
      whole[static_cast<std::size_t>(axis + *rank)] = pad.pads[i + axes->size()];
    }
    pad.pads = std::move(whole);
  }
  return pad;
}

Attempt<void> check_padded_axes(const PadSpec& pad, const Node& node, const AxisAffine& map) {
  const std::size_t rank = pad.pads.size() / 2;
  for (std::size_t axis = 0; axis < map.extents.size(); ++axis) {
    if (!map.varies(axis)) continue;
    if (axis >= rank || pad.pads[axis] != 0 || pad.pads[axis + rank] != 0)
      return refuse("F93", fmt::format("{} pads the normalized axis", node.label()));
  }
  return {};
}

bool PadSpec::pads_nothing() const {
  return std::ranges::all_of(pads, [](std::int64_t n) { return n <= 0; });
}

Attempt<void> set_pad_value(Draft& draft, const FoldContext& context, std::size_t position, const PadSpec& pad,
                            const AxisAffine& map, const char* code) {
  const Node& node = context.node(position);
  const auto padded = [&](std::size_t c) { return map.scale[c] * DoubleDouble(pad.value) + map.shift[c]; };
  for (std::size_t c = 0; c < map.scale.size(); ++c)
    if (padded(c).hi != padded(0).hi || padded(c).lo != padded(0).lo)
      return refuse(code,
                    fmt::format("the value that {} puts around would differ from channel to channel", node.label()));
  if (map.scale.empty()) return {};
  const DoubleDouble value = padded(0);
  if (value.hi == pad.value && value.lo == 0) return {};
  const DType dtype = type_of(context, node.inputs[0]);
  if (node.inputs.size() < 2 || !is_floating(dtype))
    return refuse(code, fmt::format("the value of {} is an attribute or of unknown type", node.label()));
  ExactConstant exact;
  exact.dtype = dtype;
  exact.value = [value](std::size_t) { return value; };
  exact.terms = [terms = std::abs(map.scale[0].hi * pad.value) + map.shift_terms[0]](std::size_t) { return terms; };
  auto name = draft.add_constant(name_of(node) + ".folded_value", std::move(exact));
  if (!name) return tl::unexpected(name.error());
  Node& changed = draft.replaced(position);
  changed.inputs.resize(std::max<std::size_t>(changed.inputs.size(), 3));
  changed.inputs[2] = *name;
  return {};
}

bool is_unpadded(const Node& convolution, const Shape& weight) {
  AttributeReader attributes(convolution);
  const std::string auto_pad = attributes.text("auto_pad", "NOTSET");
  if (auto_pad.starts_with("SAME")) {
    const std::vector<std::int64_t> kernel(weight.begin() + 2, weight.end());
    return all_are(kernel, 1) && all_are(attributes.integers("strides"), 1);
  }
  return auto_pad == "VALID" || all_are(attributes.integers("pads"), 0);
}

}  // namespace pleat
