#include "runtime/passes/passes.h"

namespace pleat {

Status choose_winograd(PlanDraft& draft) {
  for (PlanDraft::Step& step : draft.steps) step.op->allow_winograd();
  return {};
}

}  // namespace pleat
