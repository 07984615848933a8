#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "converter/fold/arithmetic.h"
#include "converter/fold/forward.h"
#include "converter/fold/layer_constants.h"
#include "converter/fold/sizes.h"
#include "converter/fold/windows.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

/// Σ shift of the input channel · weight, per output channel, as a map that only shifts.
SharedMap shift_through(const ExactConstant& weight, const AxisAffine& map, std::size_t outputs,
                        const ChannelOf& input_of, const ChannelOf& output_of, double factor = 1) {
  auto sum = std::make_shared<AxisAffine>();
  sum->extents = {static_cast<std::int64_t>(outputs)};
  sum->scale.assign(outputs, 1.0);
  sum->shift.assign(outputs, {});
  sum->shift_terms.assign(outputs, 0);
  if (!map.shifts()) return sum;
  for (std::size_t i = 0; i < static_cast<std::size_t>(weight.shape.elements()); ++i) {
    const std::size_t in = input_of(i);
    const std::size_t out = output_of(i);
    const DoubleDouble product = map.shift[in] * weight.value(i);
    sum->shift[out] = sum->shift[out] + product * DoubleDouble(factor);
    sum->shift_terms[out] += map.shift_terms[in] * weight.terms(i) * std::fabs(factor);
  }
  return sum;
}

const ChannelOf kSame = [](std::size_t i) { return i; };

/// New weight, scaled along its input channels, and new bias of a layer with a bias input.
struct Taken {
  ExactConstant weight;
  SharedMap map;
  ChannelOf input_of;
  ChannelOf output_of;
  std::int64_t outputs;
  int channel_axis;
};

Attempt<void> take(Forward& walk, const Handover& handover, const Taken& taken, MovedBias bias, Shape bias_shape) {
  const Node& layer = walk.node(handover.node);
  const DType dtype = taken.weight.dtype;
  const bool had_bias = bias.base.has_value();
  const bool shifted = bias.map->shifts();
  Node& node = walk.draft.replaced(handover.node);
  node.inputs[handover.input] = handover.source;
  if (renews_weight(walk.context(), layer.inputs[1], *taken.map)) {
    ExactConstant exact = scaled(taken.weight, taken.map, taken.input_of);
    exact.channel_axis = taken.channel_axis;
    auto name = walk.draft.add_constant(constant_name(layer, "weight"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    node.inputs[1] = *name;
  }
  if (shifted) {
    if (!had_bias) bias.base_of = kSame;
    ExactConstant exact = moved(std::move(bias), std::move(bias_shape), dtype);
    exact.channel_axis = exact.shape.rank() - 1;
    auto name = walk.draft.add_constant(constant_name(layer, "bias"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    node.inputs.resize(3);
    node.inputs[2] = *name;
    if (node.attribute("beta") != nullptr) set_attribute(node, Attribute::number("beta", 1.0F));
  }
  walk.draft.targets.push_back(name_of(layer));
  return {};
}

Attempt<void> check_data_input(const Forward& walk, const Handover& handover, std::size_t data) {
  if (handover.input == data) return {};
  return refuse("F114",
                fmt::format("'{}' reads it as another operand than its data", walk.node(handover.node).label()));
}

}  // namespace

/// W[M, C/group, k…]: element (o, i, …) reads input channel (o ÷ (M/group))·(C/group) + i. Zeros around the input stand
/// for values that were never shifted, so a padded layer takes a scale only.
Attempt<void> take_conv(Forward& walk, const Handover& handover) {
  const Node& layer = walk.node(handover.node);
  if (auto data = check_data_input(walk, handover, 0); !data) return data;
  auto weight = read_weight(walk.context(), layer, 1, -3);
  if (!weight) return tl::unexpected(weight.error());
  const Shape shape = weight->shape;
  AttributeReader attributes(layer);
  const std::int64_t group = attributes.integer("group", 1);
  if (group < 1 || group > shape[0] || shape[0] % group != 0)
    return refuse("F112", fmt::format("{} has odd groups", layer.label()));
  auto map = fit(handover.map, 1, shape[1] * group, layer, "F106");
  if (!map) return tl::unexpected(map.error());
  if ((*map)->shifts() && !is_unpadded(layer, shape))
    return refuse("F107",
                  fmt::format("{} pads with zeros, which the normalization would not have made zeros", layer.label()));
  auto bias = read_bias(walk.context(), layer, shape[0]);
  if (!bias) return tl::unexpected(bias.error());
  walk.draft.mark(group > 1 ? "F112" : is_unpadded(layer, shape) ? "F106" : "F107");
  const auto inner = static_cast<std::size_t>(shape.elements(2, shape.rank()));
  const auto per_group = static_cast<std::size_t>(shape[1]);
  const auto outputs = static_cast<std::size_t>(shape[0] / group);
  const ChannelOf output_of = [inner, per_group](std::size_t i) { return i / inner / per_group; };
  const ChannelOf input_of = [inner, per_group, outputs](std::size_t i) {
    const std::size_t position = i / inner;
    return position / per_group / outputs * per_group + position % per_group;
  };
  const SharedMap shift = shift_through(*weight, **map, static_cast<std::size_t>(shape[0]), input_of, output_of);
  const Taken taken{*weight, *map, input_of, output_of, shape[0], group == 1 ? 1 : -1};
  return take(walk, handover, taken, {std::move(*bias), kSame, 1, shift, kSame}, Shape{shape[0]});
}

/// W[C, M/group, k…]. How many taps fall on an output position differs at the border and between strides, so a shift
/// is taken only by a kernel of one tap.
Attempt<void> take_conv_transpose(Forward& walk, const Handover& handover) {
  const Node& layer = walk.node(handover.node);
  if (auto data = check_data_input(walk, handover, 0); !data) return data;
  auto weight = read_weight(walk.context(), layer, 1, -3);
  if (!weight) return tl::unexpected(weight.error());
  const Shape shape = weight->shape;
  AttributeReader attributes(layer);
  const std::int64_t group = attributes.integer("group", 1);
  if (group < 1 || group > shape[0] || shape[0] % group != 0)
    return refuse("F111", fmt::format("{} has odd groups", layer.label()));
  auto map = fit(handover.map, 1, shape[0], layer, "F111");
  if (!map) return tl::unexpected(map.error());
  const auto all_are = [](const std::vector<std::int64_t>& numbers, std::int64_t wanted) {
    return std::ranges::all_of(numbers, [wanted](std::int64_t n) { return n == wanted; });
  };
  const bool one_tap = shape.elements(2, shape.rank()) == 1 && all_are(attributes.integers("strides"), 1) &&
                       all_are(attributes.integers("pads"), 0) && all_are(attributes.integers("output_padding"), 0) &&
                       !attributes.has("output_shape") && attributes.text("auto_pad", "NOTSET") == "NOTSET";
  if ((*map)->shifts() && !one_tap)
    return refuse("F111", fmt::format("{} covers its output positions by different numbers of taps", layer.label()));
  const std::int64_t outputs = shape[1] * group;
  auto bias = read_bias(walk.context(), layer, outputs);
  if (!bias) return tl::unexpected(bias.error());
  walk.draft.mark("F111");
  const auto block = static_cast<std::size_t>(shape.elements(1, shape.rank()));
  const auto inner = static_cast<std::size_t>(shape.elements(2, shape.rank()));
  const auto per_group = static_cast<std::size_t>(shape[1]);
  const auto inputs = static_cast<std::size_t>(shape[0] / group);
  const ChannelOf input_of = [block](std::size_t i) { return i / block; };
  const ChannelOf output_of = [inner, per_group, inputs](std::size_t i) {
    const std::size_t position = i / inner;
    return position / per_group / inputs * per_group + position % per_group;
  };
  const SharedMap shift = shift_through(*weight, **map, static_cast<std::size_t>(outputs), input_of, output_of);
  const Taken taken{*weight, *map, input_of, output_of, outputs, 0};
  return take(walk, handover, taken, {std::move(*bias), kSame, 1, shift, kSame}, Shape{outputs});
}

/// α·(s∘A + t)·B + β·C: rows of B take the scale, C' = β·C + α·t·B.
Attempt<void> take_gemm(Forward& walk, const Handover& handover) {
  const Node& layer = walk.node(handover.node);
  if (auto data = check_data_input(walk, handover, 0); !data) return data;
  AttributeReader attributes(layer);
  if (attributes.integer("transA", 0) != 0)
    return refuse("F105", fmt::format("{} transposes its input, so channels are its rows", layer.label()));
  auto weight = read_weight(walk.context(), layer, 1, 2);
  if (!weight) return tl::unexpected(weight.error());
  const Shape shape = weight->shape;
  const bool transposed = attributes.integer("transB", 0) != 0;
  auto map = fit(handover.map, 1, shape[transposed ? 1 : 0], layer, "F105");
  if (!map) return tl::unexpected(map.error());
  const auto columns = static_cast<std::size_t>(shape[1]);
  const ChannelOf row = [columns](std::size_t i) { return i / columns; };
  const ChannelOf column = [columns](std::size_t i) { return i % columns; };
  const ChannelOf& input_of = transposed ? column : row;
  const ChannelOf& output_of = transposed ? row : column;
  const std::int64_t outputs = shape[transposed ? 0 : 1];
  const auto n = static_cast<std::size_t>(outputs);
  const SharedMap shift = shift_through(*weight, **map, n, input_of, output_of, attributes.number("alpha", 1.0F));
  MovedBias bias{std::nullopt, kSame, attributes.number("beta", 1.0F), shift, [n](std::size_t i) { return i % n; }};
  Shape bias_shape{outputs};
  if (shift->shifts() && layer.inputs.size() > 2 && !layer.inputs[2].empty()) {
    auto c = exact_constant(walk.context(), layer.inputs[2], "bias", "F68");
    if (!c) return tl::unexpected(c.error());
    const auto c_columns = static_cast<std::size_t>(c->shape.rank() == 0 ? 1 : c->shape[c->shape.rank() - 1]);
    if (c->shape.rank() > 2 || (c_columns != 1 && c_columns != n))
      return refuse("F67", fmt::format("bias '{}' does not broadcast", layer.inputs[2]));
    if (c->shape.rank() == 2 && c->shape[0] != 1) bias_shape = Shape{c->shape[0], outputs};
    bias.base_of = [n, c_columns](std::size_t i) { return i / n * c_columns + (c_columns == 1 ? 0 : i % n); };
    bias.base = std::move(*c);
  }
  walk.draft.mark("F105");
  const Taken taken{*weight, *map, input_of, output_of, outputs, transposed ? 1 : 0};
  return take(walk, handover, taken, std::move(bias), std::move(bias_shape));
}

namespace {

/// The Add of a constant per output that alone reads `value`, or nothing.
std::optional<std::size_t> bias_add(const FoldContext& context, const std::string& value, std::size_t axis) {
  const auto& readers = context.uses.readers(value);
  if (readers.size() != 1 || readers[0].input < 0 || context.uses.is_graph_output(value)) return std::nullopt;
  const Node& node = context.node(readers[0].node);
  if (!node.is("Add")) return std::nullopt;
  const auto step = arithmetic_step(context, node);
  if (!step || !*step || !(*step)->map.varies_only(axis)) return std::nullopt;
  return readers[0].node;
}

/// Adds what became of the shift behind the product: to the constant of an Add that is there, or by a new one.
Attempt<void> add_behind(Forward& walk, std::size_t position, const SharedMap& shift, Shape shape, std::size_t axis,
                         DType dtype) {
  const FoldContext& context = walk.context();
  const Node& layer = walk.node(position);
  const std::string& product = layer.outputs[0];
  const auto add = bias_add(context, product, axis);
  MovedBias bias{std::nullopt, kSame, 1, shift, kSame};
  if (add) {
    auto step = arithmetic_step(context, walk.node(*add));
    const std::int64_t count = shape.elements();
    auto old = std::make_shared<AxisAffine>(spread((*step)->map, axis, {&count, 1}));
    ExactConstant base;
    base.value = [old](std::size_t i) { return old->shift[i]; };
    base.terms = [old](std::size_t i) { return old->shift_terms[i]; };
    bias.base = std::move(base);
  }
  auto name = walk.draft.add_constant(constant_name(layer, "bias"), moved(std::move(bias), std::move(shape), dtype));
  if (!name) return tl::unexpected(name.error());
  // The product lacks the shift from here to the Add: another meaning, another name.
  const std::string inner = walk.draft.fresh(product + ".folded");
  if (add) {
    const std::size_t constant_input = walk.node(*add).inputs[0] == product ? 1 : 0;
    Node& sum = walk.draft.replaced(*add);
    sum.inputs[constant_input] = *name;
    sum.inputs[1 - constant_input] = inner;
    walk.draft.replaced(position).outputs[0] = inner;
    return {};
  }
  Node sum;
  sum.op_type = "Add";
  sum.name = walk.draft.fresh(name_of(layer) + ".bias");
  sum.inputs = {inner, *name};
  sum.outputs = {product};
  walk.draft.replaced(position).outputs[0] = inner;
  walk.draft.insert_after(position, std::move(sum));
  return {};
}

}  // namespace

/// Data on the left: rows of W[K,N] take the scale. Data on the right, behind W[M,K]: its columns do.
Attempt<void> take_matmul(Forward& walk, const Handover& handover) {
  const Node& layer = walk.node(handover.node);
  const FoldContext& context = walk.context();
  const std::size_t constant_input = 1 - handover.input;
  auto weight = read_weight(context, layer, constant_input, 2);
  if (!weight) return tl::unexpected(weight.error());
  const auto rank = rank_of(context, layer.inputs[handover.input]);
  if (!rank || *rank < 2 || context.model.opset() < 7)
    return refuse("F70", fmt::format("the number of axes of '{}' is not known", layer.inputs[handover.input]),
                  "add shape information to the model (ONNX shape inference)");
  const Shape shape = weight->shape;
  const bool left = handover.input == 0;
  const auto axis = static_cast<std::size_t>(left ? *rank - 1 : *rank - 2);
  auto map = fit(handover.map, axis, shape[left ? 0 : 1], layer, "F105");
  if (!map) return tl::unexpected(map.error());
  const auto columns = static_cast<std::size_t>(shape[1]);
  const ChannelOf row = [columns](std::size_t i) { return i / columns; };
  const ChannelOf column = [columns](std::size_t i) { return i % columns; };
  const std::int64_t outputs = shape[left ? 1 : 0];
  const SharedMap shift =
      shift_through(*weight, **map, static_cast<std::size_t>(outputs), left ? row : column, left ? column : row);
  const DType dtype = weight->dtype;
  walk.draft.mark("F105");
  Node& node = walk.draft.replaced(handover.node);
  node.inputs[handover.input] = handover.source;
  if (renews_weight(context, layer.inputs[constant_input], **map)) {
    ExactConstant exact = scaled(std::move(*weight), *map, left ? row : column);
    exact.channel_axis = left ? 0 : 1;
    auto name = walk.draft.add_constant(constant_name(layer, "weight"), std::move(exact));
    if (!name) return tl::unexpected(name.error());
    node.inputs[constant_input] = *name;
  }
  walk.draft.targets.push_back(name_of(layer));
  if (!shift->shifts()) return {};
  const std::size_t output_axis = static_cast<std::size_t>(left ? *rank - 1 : *rank - 2);
  return add_behind(walk, handover.node, shift, left ? Shape{outputs} : Shape{outputs, 1}, output_axis, dtype);
}

}  // namespace pleat
