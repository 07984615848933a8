#include "runtime/passes/passes.h"

namespace pleat {
namespace {

/// The input that the only output read repeats in type and shape, else kNone.
std::size_t repeated_input(const Draft& draft, const Draft::Step& step,
                           const std::vector<std::vector<std::size_t>>& readers) {
  const auto position = step.op->view_of();
  if (!position || step.outputs.empty() || step.outputs[0] == Draft::kNone) return Draft::kNone;
  for (std::size_t i = 1; i < step.outputs.size(); ++i) {
    const std::size_t output = step.outputs[i];
    if (output != Draft::kNone && (!readers[output].empty() || draft.is_output(output))) return Draft::kNone;
  }
  const std::size_t input = step.inputs[static_cast<std::size_t>(*position)];
  if (input == Draft::kNone || draft.values[input].constant) return Draft::kNone;
  const Fact& from = draft.values[input].fact;
  const Fact& to = draft.values[step.outputs[0]].fact;
  return from.dtype == to.dtype && from.shape == to.shape ? input : Draft::kNone;
}

}  // namespace

Status skip_identities(Draft& draft) {
  const auto readers = draft.readers();
  for (Draft::Step& step : draft.steps) {
    const std::size_t input = repeated_input(draft, step, readers);
    if (input == Draft::kNone || draft.is_output(step.outputs[0])) continue;
    draft.redirect(step.outputs[0], input);
    step.op.reset();
  }
  draft.drop_emptied_steps();
  return {};
}

}  // namespace pleat
