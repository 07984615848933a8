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
  const AxisAffine map = AxisAffine::per_channel(step->affine);
  Draft draft(context);
  auto scale = add_operand(draft, constant_name(node, "scale"), map, *rank, Part::kScale, dtype);
  if (!scale) return tl::unexpected(scale.error());
  auto shift = add_operand(draft, constant_name(node, "bias"), map, *rank, Part::kShift, dtype);
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
