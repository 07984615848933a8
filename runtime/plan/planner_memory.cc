#include <algorithm>

#include "runtime/plan/available_memory.h"
#include "runtime/plan/memory_planner.h"
#include "runtime/plan/planner.h"

namespace pleat {
namespace {

std::size_t bytes_of(const Fact& fact) { return static_cast<std::size_t>(fact.shape.elements()) * size_of(fact.dtype); }

}  // namespace

void Planner::find_lifetimes() {
  const auto arena_root = [&](std::size_t value) -> Value* {
    return value == kNone || values_[value].constant ? nullptr : &values_[root_of(value)];
  };
  for (std::size_t step = 0; step < drafts_.size(); ++step) {
    for (std::size_t input : drafts_[step].inputs)
      if (Value* root = arena_root(input)) root->last = step;
    for (std::size_t output : drafts_[step].outputs)
      if (Value* root = arena_root(output)) root->first = root->last = step;
  }
  for (std::size_t output : output_values_)
    if (Value* root = arena_root(output)) root->kept = true;
  for (Value& value : values_)
    if (value.kept) value.last = drafts_.size();
}

void Planner::share_in_place() {
  for (std::size_t step = 0; step < drafts_.size(); ++step) {
    const Draft& draft = drafts_[step];
    const auto position = draft.op->in_place_of();
    if (!position || draft.outputs.empty() || draft.outputs[0] == kNone) continue;
    const std::size_t input = input_at(draft, *position);
    if (input == kNone || !may_overwrite(draft, step, input)) continue;
    Value& heir = values_[draft.outputs[0]];
    Value& root = values_[root_of(input)];
    heir.root = root_of(input);
    root.last = heir.last;
    root.kept = heir.kept;
  }
}

/// Nobody else reads the memory of `input` in this step or later, and the caller does not own it.
bool Planner::may_overwrite(const Draft& draft, std::size_t step, std::size_t input) const {
  if (values_[input].constant) return false;
  const std::size_t root = root_of(input);
  if (values_[root].input || values_[root].kept || values_[root].last != step) return false;
  const auto shares = [&](std::size_t other) {
    return other != kNone && !values_[other].constant && root_of(other) == root;
  };
  if (std::count_if(draft.inputs.begin(), draft.inputs.end(), shares) != 1) return false;
  const Fact& from = values_[input].fact;
  const Fact& to = values_[draft.outputs[0]].fact;
  return size_of(from.dtype) == size_of(to.dtype) && from.shape.elements() == to.shape.elements();
}

Status Planner::place_values() {
  for (std::size_t input : input_values_) plan_->input_places_.push_back(place_of(input));
  for (Draft& draft : drafts_) {
    Plan::Step step;
    step.label = std::move(draft.label);
    step.op_type = std::move(draft.op_type);
    for (std::size_t input : draft.inputs) step.inputs.push_back(place_of(input));
    for (std::size_t output : draft.outputs) step.outputs.push_back(place_of(output));
    plan_->scratch_bytes_ = std::max(plan_->scratch_bytes_, draft.op->scratch_bytes(options_.threads));
    step.op = std::move(draft.op);
    plan_->steps_.push_back(std::move(step));
  }
  for (std::size_t i = 0; i < output_values_.size(); ++i) {
    const Fact& fact = values_[output_values_[i]].fact;
    plan_->outputs_.push_back({output_names_[i], fact.dtype, fact.shape});
    plan_->output_places_.push_back(place_of(output_values_[i]));
  }

  std::vector<std::size_t> request_of(values_.size(), kNone);
  std::vector<MemoryRequest> requests;
  for (std::size_t i = 0; i < values_.size(); ++i) {
    const Value& value = values_[i];
    if (value.constant || value.root != i || value.first == kNone) continue;
    request_of[i] = requests.size();
    requests.push_back({bytes_of(value.fact), options_.share_memory ? value.first : 0,
                        options_.share_memory ? value.last : drafts_.size()});
  }
  PLEAT_ASSIGN(const MemoryPlan memory, plan_memory(requests));
  for (std::size_t i = 0; i < values_.size(); ++i) {
    if (values_[i].place == kNone || values_[i].constant) continue;
    plan_->places_[values_[i].place].offset = memory.offsets[request_of[root_of(i)]];
  }
  plan_->arena_bytes_ = memory.bytes;
  plan_->live_peak_bytes_ = memory.live_peak_bytes;
  return check_memory();
}

Status Planner::check_memory() const {
  const std::size_t available = available_memory_bytes();
  if (plan_->scratch_bytes_ <= available && plan_->arena_bytes_ <= available - plan_->scratch_bytes_) return {};
  return fail(Error::resource("the model needs more memory than there is")
                  .expect("at most " + std::to_string(available) + " bytes")
                  .saw(std::to_string(plan_->arena_bytes_) + " bytes of values and " +
                       std::to_string(plan_->scratch_bytes_) + " bytes of scratch")
                  .fix("give smaller input shapes or a smaller batch"));
}

/// The place of a value, made when first asked for: values that no step touches have none.
std::size_t Planner::place_of(std::size_t value) {
  std::size_t& place = value == kNone ? absent_place_ : values_[value].place;
  if (place != kNone) return place;
  place = plan_->places_.size();
  Plan::Place& made = plan_->places_.emplace_back();
  if (value == kNone) return place;
  const Fact& fact = values_[value].fact;
  made.dtype = fact.dtype;
  made.shape = fact.shape;
  made.kind = values_[value].constant ? Plan::Place::Kind::kConstant : Plan::Place::Kind::kArena;
  if (values_[value].constant) {
    made.constant = plan_->constants_.size();
    plan_->constants_.push_back(*fact.constant);
  }
  return place;
}

}  // namespace pleat
