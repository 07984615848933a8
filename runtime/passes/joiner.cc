#include "runtime/passes/joiner.h"

#include <utility>

namespace pleat {

std::size_t Joiner::only_reader(std::size_t step) const {
  const std::size_t value = draft_.steps[step].outputs[0];
  return readers_[value].size() == 1 && !draft_.is_output(value) ? readers_[value][0] : kNone;
}

std::size_t Joiner::other_input(std::size_t step, std::size_t value) const {
  const Step& s = draft_.steps[step];
  return s.inputs[s.inputs[0] == value ? 1 : 0];
}

std::optional<float> Joiner::number_beside(std::size_t step, std::size_t value) const {
  const auto& constant = draft_.values[other_input(step, value)].fact.constant;
  if (!constant || constant->elements() != 1) return std::nullopt;
  return constant->data<float>()[0];
}

bool Joiner::keeps_shape(std::size_t step, std::size_t x) const {
  return draft_.values[draft_.steps[step].outputs[0]].fact.shape == draft_.values[x].fact.shape;
}

Status Joiner::replace(const std::vector<std::size_t>& gone, std::size_t last, const std::string& op_type,
                       std::unique_ptr<Operator> op, std::vector<std::size_t> inputs) {
  Step& joined = draft_.steps[last];
  joined.label = draft_.steps[gone[0]].label + " to " + joined.label;
  joined.op_type = op_type;
  joined.op = std::move(op);
  joined.inputs = std::move(inputs);
  for (std::size_t step : gone) draft_.steps[step].op.reset();
  if (auto facts = joined.op->infer(draft_.facts_of(joined.inputs)); !facts)
    return fail(std::move(facts).error().at(joined.label));
  return {};
}

}  // namespace pleat
