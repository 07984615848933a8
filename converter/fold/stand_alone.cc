#include "converter/fold/stand_alone.h"

#include <fmt/format.h>

#include "converter/fold/batch_norm.h"
#include "converter/fold/layer_constants.h"
#include "converter/fold/sizes.h"

namespace pleat {

Attempt<Draft> mul_and_add(const FoldContext& context, std::size_t position) {
  const Node& node = context.node(position);
  auto step = batch_norm_step(context, position);
  if (!step) return tl::unexpected(step.error());
  const auto rank = rank_of(context, node.inputs[0]);
  const DType dtype = type_of(context, node.inputs[0]);
  if (!rank || *rank < 2 || !is_floating(dtype) || context.model.opset() < 7)
    return refuse("F115", fmt::format("the type or number of axes of '{}' is not known", node.inputs[0]));
  const auto map = std::make_shared<const AxisAffine>(AxisAffine::per_channel(step->affine));
  std::vector<std::int64_t> dims(static_cast<std::size_t>(*rank), 1);
  dims[1] = static_cast<std::int64_t>(step->affine.channels());
  const auto constant_of = [&](bool of_scale) {
    ExactConstant exact;
    exact.shape = Shape(dims);
    exact.dtype = dtype;
    exact.channel_axis = 1;
    exact.value = [map, of_scale](std::size_t i) { return of_scale ? map->scale[i] : map->shift[i]; };
    exact.terms = [map, of_scale](std::size_t i) {
      return of_scale ? std::abs(map->scale[i].hi) : map->shift_terms[i];
    };
    return exact;
  };
  Draft draft(context);
  auto scale = draft.add_constant(constant_name(node, "scale"), constant_of(true));
  if (!scale) return tl::unexpected(scale.error());
  auto shift = draft.add_constant(constant_name(node, "bias"), constant_of(false));
  if (!shift) return tl::unexpected(shift.error());
  Node mul;
  mul.name = node.name;
  mul.op_type = "Mul";
  mul.inputs = {node.inputs[0], *scale};
  mul.outputs = {draft.fresh(node.outputs[0] + ".scaled")};
  Node add;
  add.name = draft.fresh(name_of(node) + ".add");
  add.op_type = "Add";
  add.inputs = {mul.outputs[0], *shift};
  add.outputs = {node.outputs[0]};
  draft.replaced(position) = std::move(mul);
  draft.insert_after(position, std::move(add));
  return draft;
}

}  // namespace pleat
