#include "runtime/passes/passes.h"

namespace pleat {

Status join_depthwise(PlanDraft& draft) {
  const auto readers = draft.readers();
  for (PlanDraft::Step& step : draft.steps) {
    if (step.outputs.empty() || step.outputs[0] == PlanDraft::kNone) continue;
    const std::size_t value = step.outputs[0];
    if (draft.is_output(value) || readers[value].size() != 1) continue;
    PlanDraft::Step& next = draft.steps[readers[value][0]];
    if (next.inputs[0] != value || !step.op->absorb(*next.op, step.inputs.size())) continue;
    // In the place of the second, before which all it reads is made.
    step.inputs.insert(step.inputs.end(), next.inputs.begin() + 1, next.inputs.end());
    next.inputs = std::move(step.inputs);
    next.op = std::move(step.op);
    next.label = step.label + ", " + next.label;
  }
  draft.drop_emptied_steps();
  return {};
}

}  // namespace pleat
