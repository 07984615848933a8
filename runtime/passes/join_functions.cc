#include "runtime/ops/unary_shared.h"
#include "runtime/passes/passes.h"

namespace pleat {
namespace {

/// x·f(x) as one function, where there is one with the same bits.
std::optional<Activation> product_with_itself(const Activation& f) {
  if (f.function == Unary::kSigmoid) return Activation{Unary::kSilu};
  const Activation swish_gate{Unary::kHardSigmoid, static_cast<float>(1.0 / 6), 0.5F};
  if (f == swish_gate) return Activation{Unary::kHardSwish};
  return std::nullopt;
}

}  // namespace

Status join_functions(PlanDraft& draft) {
  const auto readers = draft.readers();
  for (PlanDraft::Step& gate : draft.steps) {
    const auto f = gate.op->activation();
    const auto joined = f ? product_with_itself(*f) : std::nullopt;
    if (!joined || draft.is_output(gate.outputs[0]) || readers[gate.outputs[0]].size() != 1) continue;
    const std::size_t x = gate.inputs[0], gated = gate.outputs[0];
    PlanDraft::Step& product = draft.steps[readers[gated][0]];
    if (product.op->arithmetic() != BinaryFunction::kMul) continue;
    if (product.inputs != std::vector{x, gated} && product.inputs != std::vector{gated, x}) continue;
    product.label += " + " + gate.op_type;
    product.op = make_unary(*joined);
    product.inputs = {x};
    if (Result<std::vector<Fact>> facts = product.op->infer(draft.facts_of(product.inputs)); !facts)
      return fail(std::move(facts).error().at(product.label));
    gate.op.reset();
  }
  draft.drop_emptied_steps();
  return {};
}

}  // namespace pleat
