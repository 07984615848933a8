#include "runtime/passes/passes.h"

namespace pleat {

Status choose_winograd(Draft& draft) {
  for (Draft::Step& step : draft.steps) step.op->allow_winograd();
  return {};
}

}  // namespace pleat
