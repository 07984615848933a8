#include "runtime/passes/passes.h"

namespace pleat {
namespace {

using Readers = std::vector<std::vector<std::size_t>>;

/// The operator of `step` takes that of `next`, which alone reads its result, and its place.
void join_reader(PlanDraft::Step& step, PlanDraft::Step& next, const Readers& readers) {
  const std::size_t result = next.outputs.empty() ? PlanDraft::kNone : next.outputs[0];
  const bool read_once = result != PlanDraft::kNone && readers[result].size() == 1;
  if (!step.op->absorb(*next.op, step.inputs.size(), read_once)) return;
  // In the place of the second, before which all it reads is made.
  step.inputs.insert(step.inputs.end(), next.inputs.begin() + 1, next.inputs.end());
  next.inputs = std::move(step.inputs);
  next.op = std::move(step.op);
  next.op_type = std::move(step.op_type);
  next.label = step.label + ", " + next.label;
}

/// `next` takes the operator of `step`, whose result it alone reads.
void join_maker(PlanDraft::Step& step, PlanDraft::Step& next, const Readers&) {
  if (!next.op->absorb_maker(step.op, step.inputs.size())) return;
  next.inputs.erase(next.inputs.begin());
  next.inputs.insert(next.inputs.begin(), step.inputs.begin(), step.inputs.end());
  next.label = step.label + ", " + next.label;
}

}  // namespace

Status join_bands(PlanDraft& draft) {
  for (const auto join : {join_reader, join_maker}) {
    const Readers readers = draft.readers();
    for (PlanDraft::Step& step : draft.steps) {
      const std::size_t value = step.outputs.empty() ? PlanDraft::kNone : step.outputs[0];
      if (value == PlanDraft::kNone || draft.is_output(value) || readers[value].size() != 1) continue;
      PlanDraft::Step& next = draft.steps[readers[value][0]];
      if (next.inputs[0] == value) join(step, next, readers);
    }
    draft.drop_emptied_steps();
  }
  return {};
}

}  // namespace pleat
