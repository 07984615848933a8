#include "runtime/passes/passes.h"

namespace pleat {
namespace {

/// Walks from an operator to what its output goes through, as long as nobody else reads on the way.
class EpilogueFuser {
 public:
  explicit EpilogueFuser(PlanDraft& draft) : draft_(draft), readers_(draft.readers()), makers_(draft.makers()) {}

  void extend(std::size_t step) {
    while (draft_.steps[step].op != nullptr && fuse_next(step)) {
    }
  }

 private:
  bool fuse_next(std::size_t step) {
    const PlanDraft::Step& first = draft_.steps[step];
    if (first.outputs.empty() || !draft_.is_float_value(first.outputs[0])) return false;
    const std::size_t value = first.outputs[0];
    if (draft_.is_output(value) || readers_[value].size() != 1) return false;
    const std::size_t next = readers_[value][0];
    const std::size_t result = draft_.steps[next].outputs.empty() ? PlanDraft::kNone : draft_.steps[next].outputs[0];
    if (result == PlanDraft::kNone) return false;
    if (const auto f = draft_.steps[next].op->activation()) {
      if (draft_.steps[next].inputs[0] != value || !draft_.steps[step].op->fuse(*f)) return false;
    } else if (draft_.steps[next].op->arithmetic() == BinaryFunction::kAdd) {
      const std::size_t addend = draft_.steps[next].inputs[draft_.steps[next].inputs[0] == value ? 1 : 0];
      if (draft_.values[result].fact.shape != draft_.values[value].fact.shape || !is_made_before(addend, step) ||
          !draft_.steps[step].op->fuse_addend(draft_.values[addend].fact))
        return false;
      draft_.steps[step].inputs.push_back(addend);
      for (std::size_t& reader : readers_[addend])
        if (reader == next) reader = step;
    } else {
      return false;
    }
    draft_.steps[step].label += " + " + draft_.steps[next].op_type;
    draft_.steps[step].outputs[0] = result;
    makers_[result] = step;
    draft_.steps[next].op.reset();
    return true;
  }

  bool is_made_before(std::size_t value, std::size_t step) const {
    if (draft_.values[value].constant) return true;
    return makers_[value] == PlanDraft::kNone || makers_[value] < step;
  }

  PlanDraft& draft_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::size_t> makers_;
};

}  // namespace

Status fuse_epilogues(PlanDraft& draft) {
  EpilogueFuser fuser(draft);
  for (std::size_t step = 0; step < draft.steps.size(); ++step) fuser.extend(step);
  draft.drop_emptied_steps();
  return {};
}

}  // namespace pleat
