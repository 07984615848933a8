#include <fmt/format.h>

#include "converter/fold/arithmetic.h"
#include "converter/fold/backward.h"
#include "converter/fold/layer_constants.h"
#include "converter/fold/sizes.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstOpsetWithNumpyBroadcast = 7;

/// An earlier BatchNormalization that stays takes the map into its own scale and bias: γ' = s·γ, β' = s·β + t.
Attempt<void> onto_batch_norm(Backward& walk, const Request& request) {
  const FoldContext& context = walk.context();
  const Node& node = walk.node(request.node);
  auto gamma = exact_constant(context, node.inputs[1], "scale", "F17");
  if (!gamma) return tl::unexpected(gamma.error());
  auto beta = exact_constant(context, node.inputs[2], "bias", "F17");
  if (!beta) return tl::unexpected(beta.error());
  const std::int64_t channels = gamma->shape.elements();
  auto map = fit(request.map, 1, channels, node, walk.misfit);
  if (!map) return tl::unexpected(map.error());
  const auto same = [](std::size_t i) { return i; };
  const DType dtype = beta->dtype;
  auto scale = walk.draft.add_constant(constant_name(node, "scale"), scaled(std::move(*gamma), *map, same));
  if (!scale) return tl::unexpected(scale.error());
  auto bias = walk.draft.add_constant(constant_name(node, "bias"),
                                      moved({std::move(*beta), same, 1, *map, same}, Shape{channels}, dtype));
  if (!bias) return tl::unexpected(bias.error());
  Node& changed = walk.draft.replaced(request.node);
  changed.inputs[1] = *scale;
  changed.inputs[2] = *bias;
  changed.outputs[0] = request.name;
  walk.draft.renamed.emplace(node.outputs[0], request.name);
  walk.draft.targets.push_back(name_of(node));
  walk.draft.mark("F60");
  return {};
}

/// Where no layer is reached, a Mul and the Add behind it (which is made where there is none) take the map.
Attempt<void> onto_mul_and_add(Backward& walk, const Request& request, const ArithmeticStep& last) {
  const FoldContext& context = walk.context();
  ArithmeticStep first = last;
  std::size_t mul = request.node;
  AxisAffine whole = last.map;
  const bool has_add = !last.multiplies;
  const auto refused = [&](const std::string& why) { return refuse("F78", why); };
  if (has_add) {
    const auto maker = context.uses.producer(last.input);
    if (!maker || !(walk.node(*maker).is("Mul") || walk.node(*maker).is("Div")))
      return refused("no Mul before it could take the scale");
    auto step = arithmetic_step(context, walk.node(*maker));
    if (!step || !*step) return refused("no Mul by a constant before it could take the scale");
    if (context.uses.is_graph_output(last.input) || context.uses.readers(last.input).size() != 1)
      return refused(fmt::format("'{}' has another reader", last.input));
    first = **step;
    mul = *maker;
    auto both = compose(first.map, last.map);
    if (!both) return refused("the constants do not agree in shape");
    whole = std::move(*both);
  }
  auto map = compose(whole, request.map);
  const auto rank = rank_of(context, first.input);
  if (!map || !map->varies_only(1) || !rank || static_cast<int>(map->extents.size()) > *rank || !map->is_finite() ||
      context.model.opset() < kFirstOpsetWithNumpyBroadcast)
    return refused("its constants are not proved to be one value per channel");
  const std::string base = name_of(walk.node(request.node));
  auto scale = add_operand(walk.draft, base + ".folded_scale", *map, *rank, Part::kScale, last.dtype);
  if (!scale) return tl::unexpected(scale.error());
  auto shift = add_operand(walk.draft, base + ".folded_bias", *map, *rank, Part::kShift, last.dtype);
  if (!shift) return tl::unexpected(shift.error());
  const std::string product = walk.draft.fresh(base + ".folded");
  Node& multiply = walk.draft.replaced(mul);
  multiply.op_type = "Mul";
  multiply.inputs = {first.input, *scale};
  multiply.outputs = {product};
  Node add;
  if (has_add) add = walk.node(request.node);
  if (!has_add) add.name = walk.node(walk.nearest_step).name;
  add.op_type = "Add";
  add.inputs = {product, *shift};
  add.outputs = {request.name};
  if (has_add)
    walk.draft.replaced(request.node) = std::move(add);
  else
    walk.draft.insert_after(mul, std::move(add));
  walk.draft.targets.push_back(name_of(walk.node(mul)));
  walk.draft.mark("F54");
  return {};
}

/// Whether Add or Sub of two values, or a constant operand that no step can be made of.
Attempt<void> not_a_step(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  if (node.is("Add") || node.is("Sub")) return absorb_sum(walk, request);
  return refuse("F78", fmt::format("{} multiplies or divides two computed values", node.label()));
}

}  // namespace

Attempt<void> absorb_batch_norm(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  auto step = batch_norm_step(walk.context(), request.node);
  if (!step)
    return refuse("F60", fmt::format("its input is made by {}, which stays: {}", node.label(), step.error().detail));
  auto map = compose(AxisAffine::per_channel(step->affine), request.map);
  if (!map)
    return refuse("F19", fmt::format("{} has {} channels where {} are read", node.label(), step->affine.channels(),
                                     request.map.extent(1)));
  const Backward before = walk;
  walk.draft.remove(request.node);
  walk.draft.absorbed.push_back(node.outputs[0]);
  walk.draft.mark("F60");
  walk.nearest_step = request.node;
  auto done = walk.absorb(node.inputs[0], std::move(*map), request.node, request.name);
  if (done) return done;
  walk = before;
  if (onto_batch_norm(walk, request)) return {};
  walk = before;
  return done;
}

Attempt<void> absorb_arithmetic(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  auto step = arithmetic_step(walk.context(), node);
  if (!step) return tl::unexpected(step.error());
  if (!*step) return not_a_step(walk, request);
  ArithmeticStep& arithmetic = **step;
  auto map = compose(arithmetic.map, request.map);
  if (!map) return refuse("F80", fmt::format("the constant of {} does not fit the channels", node.label()));
  const Backward before = walk;
  if (!arithmetic.map.varies_only(1)) walk.misfit = arithmetic.map.varies(1) ? "F81" : "F80";
  const Node* maker = walk.context().maker(arithmetic.input);
  walk.draft.mark(node.is("Add") && maker != nullptr && maker->is("MatMul") ? "F74" : "F78");
  walk.draft.remove(request.node);
  walk.nearest_step = request.node;
  auto done = walk.absorb(arithmetic.input, std::move(*map), request.node, request.name);
  if (done || !walk.onto_arithmetic()) return done;
  walk = before;
  if (onto_mul_and_add(walk, request, arithmetic)) return {};
  walk = before;
  return done;
}

Attempt<void> absorb_neg(Backward& walk, const Request& request) {
  auto map = compose(AxisAffine::uniform(-1.0, {}), request.map);
  PLEAT_CHECK(map.has_value());
  const std::string input = walk.node(request.node).inputs[0];
  walk.draft.mark("F82");
  walk.draft.remove(request.node);
  walk.nearest_step = request.node;
  return walk.absorb(input, std::move(*map), request.node, request.name);
}

}  // namespace pleat
