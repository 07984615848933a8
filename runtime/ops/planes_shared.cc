#include "runtime/ops/planes_shared.h"

#include "runtime/ops/reorder_shared.h"

namespace pleat {

Layout blocked_planes(const Fact& fact) {
  Layout planes = planes_of(fact);
  if (planes) planes->lanes = kChannelBlock;
  return planes;
}

std::optional<PlanesForm> PlanesFollower::planes_form(std::span<const Fact> inputs,
                                                      std::span<const Fact> outputs) const {
  PlanesForm form;
  form.inputs.resize(inputs.size());
  form.outputs.resize(outputs.size());
  form.inputs[0] = inputs[0].constant ? Layout() : blocked_planes(inputs[0]);
  form.outputs[0] = blocked_planes(outputs[0]);
  const bool possible = form.inputs[0] && form.outputs[0] && can_follow(inputs);
  return possible ? std::optional(std::move(form)) : std::nullopt;
}

void PlanesFollower::use_planes(std::span<const Layout> inputs, std::span<const Layout> outputs) {
  planes_ = InOut{*inputs[0], *outputs[0]};
}

void apply_in_place(const Activation& f, const RunContext& context) {
  if (f.function == Unary::kIdentity) return;
  const MutableTensorView& y = context.outputs[0];
  unary(f.function, f.a, f.b, y.as<float>(), y.as<float>(), y.elements(), *context.pool);
}

}  // namespace pleat
