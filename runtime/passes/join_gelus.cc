#include "runtime/ops/unary_shared.h"
#include "runtime/passes/passes.h"

namespace pleat {
namespace {

/// The constant that stands beside `value` in a step of two inputs, if it is one number.
std::optional<float> number_beside(const PlanDraft& draft, const PlanDraft::Step& step, std::size_t value) {
  const PlanDraft::Value& other = draft.values[step.inputs[step.inputs[0] == value ? 1 : 0]];
  if (!other.fact.constant || other.fact.constant->elements() != 1) return std::nullopt;
  return other.fact.constant->data<float>()[0];
}

/// Finds erf of a multiple of x → Add 1 → Mul x → Mul 1/2, the products in any order, and puts one step in their place.
class GeluJoiner {
 public:
  explicit GeluJoiner(PlanDraft& draft) : draft_(draft), readers_(draft.readers()), makers_(draft.makers()) {}

  Status join() {
    for (std::size_t step = 0; step < draft_.steps.size(); ++step)
      if (const auto& op = draft_.steps[step].op; op != nullptr && op->activation() == Activation{Unary::kErf})
        PLEAT_TRY(join_around(step));
    draft_.drop_emptied_steps();
    return {};
  }

 private:
  using Step = PlanDraft::Step;
  static constexpr std::size_t kNone = PlanDraft::kNone;

  /// The order of the products matters to the bits only where x·(1 + erf) overflows and x/2 does not.
  Status join_around(std::size_t erf) {
    const std::size_t scaling = makers_[draft_.steps[erf].inputs[0]];
    if (scaling == kNone || draft_.steps[scaling].op == nullptr || only_reader(scaling) != erf) return {};
    std::size_t x = kNone;
    std::optional<Activation> joined = scaled(draft_.steps[scaling], x);
    if (!joined) return {};
    const std::size_t sum = only_reader(erf);
    if (sum == kNone || !is_with_number(sum, erf, BinaryFunction::kAdd, 1)) return {};
    const std::size_t product = only_reader(sum);
    if (product == kNone || draft_.steps[product].op->arithmetic() != BinaryFunction::kMul) return {};

    std::size_t last = kNone, inner = product;
    const std::size_t factor = other_input(product, draft_.steps[sum].outputs[0]);
    if (factor == x) {  // x·(1 + erf), halved
      last = only_reader(product);
      if (last == kNone || !is_with_number(last, product, BinaryFunction::kMul, 0.5F)) return {};
      joined->function = Unary::kGeluHalvedLast;
    } else if (is_with_number(product, sum, BinaryFunction::kMul, 0.5F)) {  // (1 + erf) / 2, times x
      last = only_reader(product);
      if (last == kNone || draft_.steps[last].op->arithmetic() != BinaryFunction::kMul ||
          other_input(last, draft_.steps[product].outputs[0]) != x)
        return {};
    } else {  // x/2, times 1 + erf
      last = product, inner = makers_[factor];
      if (inner == kNone || draft_.steps[inner].op == nullptr || only_reader(inner) != last) return {};
      const Step& half = draft_.steps[inner];
      if (half.op->arithmetic() != BinaryFunction::kMul || (half.inputs[0] != x && half.inputs[1] != x) ||
          number_beside(draft_, half, x) != 0.5F)
        return {};
    }
    return replace({scaling, erf, sum, inner}, last, x, *joined);
  }

  /// The parameters of the function where a step multiplies x by √½ or divides it by √2. The quotient's correction
  /// makes it the correctly rounded one.
  std::optional<Activation> scaled(const Step& step, std::size_t& x) const {
    constexpr float kRootHalf = 0x1.6a09e6p-1F, kRootTwo = 0x1.6a09e6p+0F, kCorrection = 0x1.9fcef4p-26F;
    const auto function = step.op->arithmetic();
    if (function != BinaryFunction::kDiv && function != BinaryFunction::kMul) return std::nullopt;
    const bool swapped = function == BinaryFunction::kMul && draft_.values[step.inputs[0]].constant;
    x = step.inputs[swapped ? 1 : 0];
    if (step.inputs[0] == step.inputs[1]) return std::nullopt;
    const auto number = number_beside(draft_, step, x);
    if (function == BinaryFunction::kDiv && number == kRootTwo)
      return Activation{Unary::kGeluHalvedFirst, kRootHalf, kCorrection};
    if (function == BinaryFunction::kMul && number == kRootHalf)
      return Activation{Unary::kGeluHalvedFirst, kRootHalf, 0};
    return std::nullopt;
  }

  Status replace(const std::vector<std::size_t>& gone, std::size_t last, std::size_t x, const Activation& function) {
    Step& joined = draft_.steps[last];
    if (draft_.values[joined.outputs[0]].fact.shape != draft_.values[x].fact.shape) return {};
    joined.label = draft_.steps[gone[0]].label + " to " + joined.label;
    joined.op_type = "Gelu";
    joined.op = make_unary(function);
    joined.inputs = {x};
    if (auto facts = joined.op->infer(draft_.facts_of(joined.inputs)); !facts)
      return fail(std::move(facts).error().at(joined.label));
    for (std::size_t step : gone) draft_.steps[step].op.reset();
    return {};
  }

  /// The step that alone reads a step's output, once.
  std::size_t only_reader(std::size_t step) const {
    const std::size_t value = draft_.steps[step].outputs[0];
    return readers_[value].size() == 1 && !draft_.is_output(value) ? readers_[value][0] : kNone;
  }
  std::size_t other_input(std::size_t step, std::size_t value) const {
    const Step& s = draft_.steps[step];
    return s.inputs[s.inputs[0] == value ? 1 : 0];
  }
  bool is_with_number(std::size_t step, std::size_t operand, BinaryFunction function, float number) const {
    return draft_.steps[step].op->arithmetic() == function &&
           number_beside(draft_, draft_.steps[step], draft_.steps[operand].outputs[0]) == number;
  }

  PlanDraft& draft_;
  std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::size_t> makers_;
};

}  // namespace

Status join_gelus(PlanDraft& draft) { return GeluJoiner(draft).join(); }

}  // namespace pleat
