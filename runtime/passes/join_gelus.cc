#include "runtime/ops/unary_shared.h"
#include "runtime/passes/joiner.h"
#include "runtime/passes/passes.h"

namespace pleat {
namespace {

/// Finds erf of a multiple of x → Add 1 → Mul x → Mul 1/2, the products in any order, and puts one step in their place.
class GeluJoiner : private Joiner {
 public:
  explicit GeluJoiner(PlanDraft& draft) : Joiner(draft), makers_(draft.makers()) {}

  Status join() {
    for (std::size_t step = 0; step < draft_.steps.size(); ++step)
      if (const auto& op = draft_.steps[step].op; op != nullptr && op->activation() == Activation{Unary::kErf})
        PLEAT_TRY(join_around(step));
    draft_.drop_emptied_steps();
    return {};
  }

 private:
  /// The order of the products matters to the bits only where x·(1 + erf) overflows and x/2 does not.
  Status join_around(std::size_t erf) {
    const std::size_t scaling = makers_[draft_.steps[erf].inputs[0]];
    if (scaling == kNone || draft_.steps[scaling].op == nullptr || only_reader(scaling) != erf) return {};
    std::size_t x = kNone;
    std::optional<Activation> joined = scaled(scaling, x);
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
          number_beside(inner, x) != 0.5F)
        return {};
    }
    if (!keeps_shape(last, x)) return {};
    return replace({scaling, erf, sum, inner}, last, "Gelu", make_unary(*joined), {x});
  }

  /// The parameters of the function where a step multiplies x by √½ or divides it by √2. The quotient's correction
  /// makes it the correctly rounded one.
  std::optional<Activation> scaled(std::size_t index, std::size_t& x) const {
    constexpr float kRootHalf = 0x1.6a09e6p-1F, kRootTwo = 0x1.6a09e6p+0F, kCorrection = 0x1.9fcef4p-26F;
    const Step& step = draft_.steps[index];
    const auto function = step.op->arithmetic();
    if (function != BinaryFunction::kDiv && function != BinaryFunction::kMul) return std::nullopt;
    const bool swapped = function == BinaryFunction::kMul && draft_.values[step.inputs[0]].constant;
    x = step.inputs[swapped ? 1 : 0];
    if (step.inputs[0] == step.inputs[1]) return std::nullopt;
    const auto number = number_beside(index, x);
    if (function == BinaryFunction::kDiv && number == kRootTwo)
      return Activation{Unary::kGeluHalvedFirst, kRootHalf, kCorrection};
    if (function == BinaryFunction::kMul && number == kRootHalf)
      return Activation{Unary::kGeluHalvedFirst, kRootHalf, 0};
    return std::nullopt;
  }

  bool is_with_number(std::size_t step, std::size_t operand, BinaryFunction function, float number) const {
    return draft_.steps[step].op->arithmetic() == function &&
           number_beside(step, draft_.steps[operand].outputs[0]) == number;
  }

  std::vector<std::size_t> makers_;
};

}  // namespace

Status join_gelus(PlanDraft& draft) { return GeluJoiner(draft).join(); }

}  // namespace pleat
