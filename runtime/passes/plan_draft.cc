#include "runtime/passes/plan_draft.h"

#include <algorithm>

namespace pleat {

std::size_t PlanDraft::add_value(std::string name, Fact fact) {
  values.push_back({std::move(name), std::move(fact), {}, false, false});
  return values.size() - 1;
}

bool PlanDraft::is_float_value(std::size_t value) const {
  return value != kNone && !values[value].constant && values[value].fact.dtype == DType::kFloat;
}

bool PlanDraft::is_output(std::size_t value) const {
  return std::find(outputs.begin(), outputs.end(), value) != outputs.end();
}

std::vector<Fact> PlanDraft::facts_of(const std::vector<std::size_t>& positions) const {
  std::vector<Fact> facts;
  for (std::size_t position : positions) facts.push_back(position == kNone ? Fact{} : values[position].fact);
  return facts;
}

std::vector<std::vector<std::size_t>> PlanDraft::readers() const {
  std::vector<std::vector<std::size_t>> readers(values.size());
  for (std::size_t step = 0; step < steps.size(); ++step)
    for (std::size_t input : steps[step].inputs)
      if (input != kNone) readers[input].push_back(step);
  return readers;
}

std::vector<std::size_t> PlanDraft::makers() const {
  std::vector<std::size_t> makers(values.size(), kNone);
  for (std::size_t step = 0; step < steps.size(); ++step)
    for (std::size_t output : steps[step].outputs)
      if (output != kNone) makers[output] = step;
  return makers;
}

void PlanDraft::redirect(std::size_t before, std::size_t now) {
  for (Step& step : steps) std::replace(step.inputs.begin(), step.inputs.end(), before, now);
  std::replace(outputs.begin(), outputs.end(), before, now);
}

void PlanDraft::drop_emptied_steps() {
  std::erase_if(steps, [](const Step& step) { return step.op == nullptr; });
}

}  // namespace pleat
