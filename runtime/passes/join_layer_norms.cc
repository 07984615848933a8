#include <algorithm>

#include "runtime/ops/divided_norm_shared.h"
#include "runtime/passes/joiner.h"
#include "runtime/passes/passes.h"

namespace pleat {
namespace {

/// Finds ReduceMean → Sub → square → ReduceMean → Add → Sqrt → Div → Mul → Add, the last two being optional, and puts
/// one step in their place.
class LayerNormJoiner : private Joiner {
 public:
  explicit LayerNormJoiner(PlanDraft& draft) : Joiner(draft) {}

  Status join() {
    for (std::size_t step = 0; step < draft_.steps.size(); ++step)
      if (draft_.steps[step].op != nullptr) PLEAT_TRY(join_from(step));
    draft_.drop_emptied_steps();
    return {};
  }

 private:
  Status join_from(std::size_t mean) {
    DividedNormForm form;
    form.length = mean_length(mean);
    if (form.length == 0) return {};
    const std::size_t x = draft_.steps[mean].inputs[0];
    const std::size_t difference = only_reader(mean);
    if (difference == kNone || !is_difference(difference, x, draft_.steps[mean].outputs[0])) return {};
    const std::size_t distance = draft_.steps[difference].outputs[0];
    if (draft_.is_output(distance)) return {};

    // The distance is read by its square, once or twice, and by the division.
    std::size_t square = kNone, division = kNone;
    for (std::size_t reader : readers_[distance]) (is_square(reader, distance) ? square : division) = reader;
    if (square == kNone || division == kNone) return {};
    const std::size_t squares = draft_.steps[square].op_type == "Pow" ? 1 : 2;
    if (readers_[distance].size() != squares + 1) return {};

    const std::size_t variance = only_reader(square);
    if (variance == kNone || mean_length(variance) != form.length) return {};
    const std::size_t sum = only_reader(variance);
    if (sum == kNone || !adds_number(sum, draft_.steps[variance].outputs[0], form.epsilon)) return {};
    const std::size_t root = only_reader(sum);
    if (root == kNone || draft_.steps[root].op->activation() != Activation{Unary::kSqrt}) return {};
    if (only_reader(root) != division ||
        !is_arithmetic(division, BinaryFunction::kDiv, {distance, draft_.steps[root].outputs[0]}) ||
        !keeps_shape(division, x))
      return {};

    std::vector<std::size_t> inputs = {x}, gone = {mean, difference, square, variance, sum, root};
    std::size_t last = division;
    form.scaled = extend(last, BinaryFunction::kMul, form.length, inputs, gone);
    form.shifted = extend(last, BinaryFunction::kAdd, form.length, inputs, gone);
    return replace(gone, last, "LayerNorm", make_divided_norm(form), std::move(inputs));
  }

  /// How many values the mean is of, where it is one of neighbours in memory and keeps its axes; else 0.
  std::int64_t mean_length(std::size_t step) const {
    const Step& s = draft_.steps[step];
    if (s.op_type != "ReduceMean" || !draft_.is_float_value(s.inputs[0])) return 0;
    const Shape& from = draft_.values[s.inputs[0]].fact.shape;
    const Shape& to = draft_.values[s.outputs[0]].fact.shape;
    if (from.rank() != to.rank() || to.elements() == 0) return 0;
    int axis = 0;
    while (axis < from.rank() && from[axis] == to[axis]) ++axis;
    return to.elements(axis, to.rank()) == 1 ? from.elements(axis, from.rank()) : 0;
  }

  bool is_arithmetic(std::size_t step, BinaryFunction function, const std::vector<std::size_t>& inputs) const {
    return draft_.steps[step].op->arithmetic() == function && draft_.steps[step].inputs == inputs;
  }
  bool is_difference(std::size_t step, std::size_t x, std::size_t mean) const {
    return is_arithmetic(step, BinaryFunction::kSub, {x, mean}) && keeps_shape(step, x);
  }

  bool is_square(std::size_t step, std::size_t x) const {
    const Step& s = draft_.steps[step];
    if (is_arithmetic(step, BinaryFunction::kMul, {x, x})) return true;
    if (s.op_type != "Pow" || s.inputs[0] != x || s.inputs[1] == kNone || !keeps_shape(step, x)) return false;
    const auto& exponent = draft_.values[s.inputs[1]].fact.constant;
    if (!exponent || exponent->elements() != 1) return false;
    if (exponent->dtype() == DType::kFloat) return exponent->data<float>()[0] == 2;
    return exponent->dtype() == DType::kInt64 && exponent->data<std::int64_t>()[0] == 2;
  }

  bool adds_number(std::size_t step, std::size_t x, float& number) const {
    if (draft_.steps[step].op->arithmetic() != BinaryFunction::kAdd || !keeps_shape(step, x)) return false;
    const auto added = number_beside(step, x);
    number = added.value_or(number);
    return added.has_value();
  }

  /// Takes in the step behind `last` if that is `function` with one constant for each value of a line.
  bool extend(std::size_t& last, BinaryFunction function, std::int64_t length, std::vector<std::size_t>& inputs,
              std::vector<std::size_t>& gone) const {
    const std::size_t next = only_reader(last);
    if (next == kNone || draft_.steps[next].op->arithmetic() != function) return false;
    const std::size_t value = draft_.steps[last].outputs[0];
    const std::size_t other = other_input(next, value);
    const PlanDraft::Value& constant = draft_.values[other];
    if (!constant.constant || !keeps_shape(next, value) || !is_one_line(constant.fact.shape, value, length))
      return false;
    gone.push_back(last);
    inputs.push_back(other);
    last = next;
    return true;
  }

  /// Whether a constant of this shape has, against `value`, an element for each of a line's.
  bool is_one_line(const Shape& shape, std::size_t value, std::int64_t length) const {
    const Shape& whole = draft_.values[value].fact.shape;
    std::int64_t covered = 1;
    int axis = 1;
    for (; covered < length && axis <= whole.rank(); ++axis) {
      const std::int64_t size = axis <= shape.rank() ? shape[shape.rank() - axis] : 1;
      if (size != whole[whole.rank() - axis]) return false;
      covered *= size;
    }
    return covered == length && shape.elements() == length;
  }
};

}  // namespace

Status join_layer_norms(PlanDraft& draft) { return LayerNormJoiner(draft).join(); }

}  // namespace pleat
