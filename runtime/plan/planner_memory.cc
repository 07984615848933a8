#include <algorithm>

#include "runtime/plan/available_memory.h"
#include "runtime/plan/memory_planner.h"
#include "runtime/plan/planner.h"

namespace pleat {
namespace {

std::size_t bytes_of(const PlanDraft::Value& value) {
  const std::int64_t elements = value.layout ? value.layout->elements() : value.fact.shape.elements();
  return static_cast<std::size_t>(elements) * size_of(value.fact.dtype);
}

}  // namespace

/// Steps whose output 0 may lie where their input lies go; the output gets the input's memory.
void Planner::share_views() {
  for (PlanDraft::Step& step : draft_.steps) {
    if (!is_view(step)) continue;
    const std::size_t input = step.inputs[static_cast<std::size_t>(*step.op->view_of())];
    storage_[step.outputs[0]].root = input;
    step.op.reset();
  }
  draft_.drop_emptied_steps();
}

bool Planner::is_view(const PlanDraft::Step& step) const {
  const auto source = step.op->view_of();
  if (!source || step.outputs.empty() || step.outputs[0] == kNone) return false;
  for (std::size_t i = 1; i < step.outputs.size(); ++i)
    if (step.outputs[i] != kNone && needed(draft_.values[step.outputs[i]].name)) return false;
  const std::size_t input = step.inputs[static_cast<std::size_t>(*source)];
  if (input == kNone || draft_.values[input].constant) return false;
  return !(draft_.values[root_of(input)].input && draft_.is_output(step.outputs[0]));
}

/// Inputs that are to stand side by side are made there. Last steps first: what they join is the larger whole.
void Planner::place_parts() {
  for (std::size_t i = draft_.steps.size(); i-- > 0;) {
    PlanDraft::Step& step = draft_.steps[i];
    const std::vector<std::size_t> offsets = step.op->part_offsets();
    if (!offsets.empty() && place_parts(step, offsets)) step.op.reset();
  }
  draft_.drop_emptied_steps();
}

bool Planner::place_parts(const PlanDraft::Step& step, const std::vector<std::size_t>& offsets) {
  const std::vector<std::size_t>& parts = step.inputs;
  const std::size_t whole = step.outputs[0];
  const auto is_free = [&](std::size_t part) {
    return !draft_.values[part].constant && !draft_.values[part].input && storage_[part].root == part &&
           std::count(parts.begin(), parts.end(), part) == 1;
  };
  if (std::all_of(parts.begin(), parts.end(), is_free)) {
    for (std::size_t i = 0; i < parts.size(); ++i) {
      storage_[parts[i]].root = whole;
      storage_[parts[i]].offset = offsets[i];
    }
    return true;
  }
  // They may already stand so in a larger whole, as the first parts of a concatenation that repeats this one do.
  const std::size_t root = root_of(parts[0]), start = offset_of(parts[0]);
  if (storage_[whole].root != whole || root == parts[0]) return false;
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (draft_.values[parts[i]].constant || root_of(parts[i]) != root || offset_of(parts[i]) != start + offsets[i])
      return false;
  storage_[whole].root = parts[0];
  return true;
}

void Planner::find_lifetimes() {
  const auto arena_root = [&](std::size_t value) -> Storage* {
    return value == kNone || draft_.values[value].constant ? nullptr : &storage_[root_of(value)];
  };
  for (std::size_t input : draft_.inputs) storage_[input].first = 0, storage_[input].kept = true;
  for (std::size_t step = 0; step < draft_.steps.size(); ++step) {
    for (std::size_t input : draft_.steps[step].inputs)
      if (Storage* root = arena_root(input)) root->last = step;
    for (std::size_t output : draft_.steps[step].outputs)
      if (Storage* root = arena_root(output)) root->first = std::min(root->first, step), root->last = step;
  }
  for (std::size_t output : draft_.outputs)
    if (Storage* root = arena_root(output)) root->kept = true;
  for (Storage& storage : storage_)
    if (storage.kept) storage.last = draft_.steps.size();
}

void Planner::share_in_place() {
  for (std::size_t index = 0; index < draft_.steps.size(); ++index) {
    const PlanDraft::Step& step = draft_.steps[index];
    const auto position = step.op->in_place_of();
    if (!position || step.outputs.empty() || step.outputs[0] == kNone) continue;
    const std::size_t input = step.inputs[static_cast<std::size_t>(*position)];
    if (input == kNone || !may_overwrite(step, index, input)) continue;
    Storage& heir = storage_[step.outputs[0]];
    if (heir.root != step.outputs[0]) continue;
    Storage& root = storage_[root_of(input)];
    heir.root = input;
    root.last = heir.last;
    root.kept = heir.kept;
  }
}

/// Nobody else reads the memory of `input` in this step or later, and the caller does not own it.
bool Planner::may_overwrite(const PlanDraft::Step& step, std::size_t index, std::size_t input) const {
  if (draft_.values[input].constant) return false;
  const std::size_t root = root_of(input);
  if (draft_.values[root].input || storage_[root].kept || storage_[root].last != index) return false;
  const auto shares = [&](std::size_t other) {
    return other != kNone && !draft_.values[other].constant && root_of(other) == root;
  };
  if (std::count_if(step.inputs.begin(), step.inputs.end(), shares) != 1) return false;
  const PlanDraft::Value& from = draft_.values[input];
  const PlanDraft::Value& to = draft_.values[step.outputs[0]];
  return size_of(from.fact.dtype) == size_of(to.fact.dtype) && from.fact.shape.elements() == to.fact.shape.elements() &&
         from.layout == to.layout;
}

Status Planner::place_values() {
  storage_.resize(draft_.values.size());
  for (std::size_t i = 0; i < storage_.size(); ++i) storage_[i].root = i;
  if (options_.share_memory) {
    share_views();
    place_parts();
  }
  find_lifetimes();
  if (options_.share_memory) share_in_place();

  for (std::size_t input : draft_.inputs) plan_->input_places_.push_back(place_of(input));
  for (PlanDraft::Step& drafted : draft_.steps) {
    Plan::Step step;
    step.label = std::move(drafted.label);
    step.op_type = std::move(drafted.op_type);
    for (std::size_t input : drafted.inputs) step.inputs.push_back(place_of(input));
    for (std::size_t output : drafted.outputs) step.outputs.push_back(place_of(output));
    plan_->scratch_bytes_ = std::max(plan_->scratch_bytes_, drafted.op->scratch_bytes(options_.threads));
    step.op = std::move(drafted.op);
    plan_->steps_.push_back(std::move(step));
  }
  for (std::size_t i = 0; i < draft_.outputs.size(); ++i) {
    const Fact& fact = draft_.values[draft_.outputs[i]].fact;
    plan_->outputs_.push_back({output_names_[i], fact.dtype, fact.shape});
    plan_->output_places_.push_back(place_of(draft_.outputs[i]));
  }

  std::vector<std::size_t> request_of(storage_.size(), kNone);
  std::vector<MemoryRequest> requests;
  for (std::size_t i = 0; i < storage_.size(); ++i) {
    const Storage& storage = storage_[i];
    if (draft_.values[i].constant || storage.root != i || storage.first == kNone) continue;
    request_of[i] = requests.size();
    requests.push_back({bytes_of(draft_.values[i]), options_.share_memory ? storage.first : 0,
                        options_.share_memory ? storage.last : draft_.steps.size()});
  }
  PLEAT_ASSIGN(const MemoryPlan memory, plan_memory(requests));
  for (std::size_t i = 0; i < storage_.size(); ++i) {
    if (storage_[i].place == kNone || draft_.values[i].constant) continue;
    plan_->places_[storage_[i].place].offset = memory.offsets[request_of[root_of(i)]] + offset_of(i);
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

std::size_t Planner::root_of(std::size_t value) const {
  while (storage_[value].root != value) value = storage_[value].root;
  return value;
}

std::size_t Planner::offset_of(std::size_t value) const {
  std::size_t offset = 0;
  for (; storage_[value].root != value; value = storage_[value].root) offset += storage_[value].offset;
  return offset;
}

/// The place of a value, made when first asked for: values that no step touches have none.
std::size_t Planner::place_of(std::size_t value) {
  std::size_t& place = value == kNone ? absent_place_ : storage_[value].place;
  if (place != kNone) return place;
  place = plan_->places_.size();
  Plan::Place& made = plan_->places_.emplace_back();
  if (value == kNone) return place;
  const PlanDraft::Value& drafted = draft_.values[value];
  made.dtype = drafted.fact.dtype;
  made.shape = drafted.fact.shape;
  made.layout = drafted.layout;
  made.kind = drafted.constant ? Plan::Place::Kind::kConstant : Plan::Place::Kind::kArena;
  if (drafted.constant) {
    made.constant = plan_->constants_.size();
    plan_->constants_.push_back(*drafted.fact.constant);
  }
  return place;
}

}  // namespace pleat
