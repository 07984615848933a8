#include "runtime/passes/passes.h"

namespace pleat {

namespace {

/// The operator takes what alone reads its result, in the place of that.
void join_reader(PlanDraft& draft, PlanDraft::Step& step, std::size_t reader) {
  PlanDraft::Step& next = draft.steps[reader];
  const bool read_once = draft.readers()[next.outputs[0]].size() == 1;
  if (next.inputs[0] != step.outputs[0] || !step.op->absorb(*next.op, step.inputs.size(), read_once)) return;
  // In the place of the second, before which all it reads is made.
  step.inputs.insert(step.inputs.end(), next.inputs.begin() + 1, next.inputs.end());
  next.inputs = std::move(step.inputs);
  next.op = std::move(step.op);
  next.op_type = std::move(step.op_type);
  next.label = step.label + ", " + next.label;
}

/// The operator that alone reads it takes the maker.
void join_maker(PlanDraft& draft, PlanDraft::Step& step, std::size_t reader) {
  PlanDraft::Step& next = draft.steps[reader];
  if (next.inputs[0] != step.outputs[0] || !next.op->absorb_maker(step.op, step.inputs.size())) return;
  next.inputs.erase(next.inputs.begin());
  next.inputs.insert(next.inputs.begin(), step.inputs.begin(), step.inputs.end());
  next.label = step.label + ", " + next.label;
}

}  // namespace

Status join_bands(PlanDraft& draft) {
  for (const auto join : {join_reader, join_maker}) {
    const auto readers = draft.readers();
    for (PlanDraft::Step& step : draft.steps) {
      if (step.outputs.empty() || step.outputs[0] == PlanDraft::kNone) continue;
      const std::size_t value = step.outputs[0];
      if (!draft.is_output(value) && readers[value].size() == 1) join(draft, step, readers[value][0]);
    }
    draft.drop_emptied_steps();
  }
  return {};
}

}  // namespace pleat
