#include "runtime/passes/passes.h"

namespace pleat {
namespace {

/// The input that the only output read repeats in type and shape, else kNone.
std::size_t repeated_input(const PlanDraft& draft, const PlanDraft::Step& step,
                           const std::vector<std::vector<std::size_t>>& readers) {
  const auto position = step.op->view_of();
  if (!position || step.outputs.empty() || step.outputs[0] == PlanDraft::kNone) return PlanDraft::kNone;
  for (std::size_t i = 1; i < step.outputs.size(); ++i) {
    const std::size_t output = step.outputs[i];
    if (output != PlanDraft::kNone && (!readers[output].empty() || draft.is_output(output))) return PlanDraft::kNone;
  }
  const std::size_t input = step.inputs[static_cast<std::size_t>(*position)];
  if (input == PlanDraft::kNone || draft.values[input].constant) return PlanDraft::kNone;
  const Fact& from = draft.values[input].fact;
  const Fact& to = draft.values[step.outputs[0]].fact;
  return from.dtype == to.dtype && from.shape == to.shape ? input : PlanDraft::kNone;
}

}  // namespace

Status skip_identities(PlanDraft& draft) {
  const auto readers = draft.readers();
  for (PlanDraft::Step& step : draft.steps) {
    const std::size_t input = repeated_input(draft, step, readers);
    if (input == PlanDraft::kNone || draft.is_output(step.outputs[0])) continue;
    draft.redirect(step.outputs[0], input);
    step.op.reset();
  }
  draft.drop_emptied_steps();
  return {};
}

}  // namespace pleat
