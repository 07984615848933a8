#include <algorithm>
#include <map>
#include <utility>

#include "runtime/ops/reorder_shared.h"
#include "runtime/passes/passes.h"

namespace pleat {
namespace {

Halo larger(const Halo& a, const Halo& b) {
  return {std::max(a.top, b.top), std::max(a.left, b.left), std::max(a.bottom, b.bottom), std::max(a.right, b.right)};
}

/// A value is made in one layout and may be converted to others; each conversion is one step, made when first needed.
class LayoutChooser {
 public:
  explicit LayoutChooser(PlanDraft& draft) : draft_(draft), readers_(draft.readers()), forms_(draft.steps.size()) {}

  Status choose() {
    for (std::size_t step = 0; step < draft_.steps.size(); ++step) place_on_planes(step);
    for (std::size_t step = 0; step < draft_.steps.size(); ++step)
      if (forms_[step]) collect_halos(step);
    for (std::size_t step = 0; step < forms_.size(); ++step) PLEAT_TRY(move(step));
    for (std::size_t& output : draft_.outputs)
      if (draft_.values[output].layout) {
        PLEAT_ASSIGN(output, converted(output, {}));
      }
    draft_.steps = std::move(steps_);
    return {};
  }

 private:
  static bool is_blocked(const Layout& layout) { return layout && layout->lanes == kChannelBlock; }

  std::optional<PlanesForm> form_of(const PlanDraft::Step& step) const {
    const std::vector<Fact> inputs = draft_.facts_of(step.inputs), outputs = draft_.facts_of(step.outputs);
    const bool row_major =
        !step.inputs.empty() && step.inputs[0] != PlanDraft::kNone && !draft_.values[step.inputs[0]].layout;
    auto form = row_major ? step.op->row_major_form(inputs, outputs) : std::nullopt;
    return form ? form : step.op->planes_form(inputs, outputs);
  }

  void place_on_planes(std::size_t index) {
    const PlanDraft::Step& step = draft_.steps[index];
    auto form = form_of(step);
    if (!form) return;
    bool follows = false;
    for (std::size_t i = 0; i < form->inputs.size(); ++i)
      follows = follows || (is_blocked(form->inputs[i]) && draft_.values[step.inputs[i]].layout.has_value());
    if (!form->leads && !follows && !(takes_none(*form) && leads_to_planes(step))) return;
    for (std::size_t i = 0; i < form->outputs.size(); ++i)
      if (step.outputs[i] != PlanDraft::kNone) draft_.values[step.outputs[i]].layout = form->outputs[i];
    forms_[index] = std::move(form);
  }

  static bool takes_none(const PlanesForm& form) {
    return std::none_of(form.inputs.begin(), form.inputs.end(), is_blocked);
  }

  /// Whether what `step` makes, as it is or by way of steps that follow, gets to one that leads.
  bool leads_to_planes(const PlanDraft::Step& step) const {
    std::vector<std::size_t> values = step.outputs;
    std::vector<char> seen(draft_.steps.size());
    while (!values.empty()) {
      const std::size_t value = values.back();
      values.pop_back();
      if (value == PlanDraft::kNone) continue;
      for (const std::size_t reader : readers_[value]) {
        if (std::exchange(seen[reader], 1) != 0) continue;
        const PlanDraft::Step& next = draft_.steps[reader];
        const auto form = next.op->planes_form(draft_.facts_of(next.inputs), draft_.facts_of(next.outputs));
        if (!form || takes_none(*form)) continue;
        if (form->leads) return true;
        values.insert(values.end(), next.outputs.begin(), next.outputs.end());
      }
    }
    return false;
  }

  /// The halo that a value has, or gets when it is converted to lanes of this number, suits all who read it so.
  void collect_halos(std::size_t index) {
    for (std::size_t i = 0; i < forms_[index]->inputs.size(); ++i) {
      const Layout& wanted = forms_[index]->inputs[i];
      if (!wanted) continue;
      const std::size_t value = draft_.steps[index].inputs[i];
      Layout& made = draft_.values[value].layout;
      Halo& halo = made && made->lanes == wanted->lanes ? made->halo : halos_[{value, wanted->lanes}];
      halo = larger(halo, wanted->halo);
    }
  }

  Status move(std::size_t index) {
    PlanDraft::Step& step = draft_.steps[index];
    std::vector<Layout> inputs(step.inputs.size()), outputs(step.outputs.size());
    for (std::size_t i = 0; i < step.inputs.size(); ++i) {
      if (step.inputs[i] == PlanDraft::kNone) continue;
      const Layout wanted = forms_[index] && i < forms_[index]->inputs.size() ? forms_[index]->inputs[i] : Layout{};
      PLEAT_ASSIGN(step.inputs[i], converted(step.inputs[i], wanted));
      inputs[i] = draft_.values[step.inputs[i]].layout;
      if (wanted && !inputs[i]) inputs[i] = row_major_planes(*wanted);
    }
    for (std::size_t i = 0; i < step.outputs.size(); ++i)
      if (step.outputs[i] != PlanDraft::kNone) outputs[i] = draft_.values[step.outputs[i]].layout;
    if (forms_[index]) step.op->use_planes(inputs, outputs);
    steps_.push_back(std::move(step));
    return {};
  }

  /// `value` in a layout that serves as `wanted`.
  Result<std::size_t> converted(std::size_t value, Layout wanted) {
    const Layout made = draft_.values[value].layout;
    if (wanted) {
      if (made && made->lanes == wanted->lanes) return value;
      wanted->halo = halos_[{value, wanted->lanes}];
      if (!made && *wanted == row_major_planes(*wanted)) return value;
    } else if (!made) {
      return value;
    }
    const auto key = std::pair(value, wanted ? wanted->lanes : 0);
    if (const auto known = conversions_.find(key); known != conversions_.end()) return known->second;

    const Planes from = made ? *made : row_major_planes(*wanted);
    const Planes to = wanted ? *wanted : row_major_planes(*made);
    const std::string name = draft_.values[value].name;
    const std::size_t result = draft_.add_value(name, draft_.values[value].fact);
    draft_.values[result].layout = wanted;
    steps_.push_back({"layout of '" + name + "'", "Reorder", make_reorder(from, to), {value}, {result}});
    PLEAT_TRY(steps_.back().op->infer(draft_.facts_of({value})));
    return conversions_[key] = result;
  }

  PlanDraft& draft_;
  const std::vector<std::vector<std::size_t>> readers_;
  std::vector<std::optional<PlanesForm>> forms_;
  std::map<std::pair<std::size_t, std::int64_t>, Halo> halos_;  ///< of conversions, by value and lanes
  std::map<std::pair<std::size_t, std::int64_t>, std::size_t> conversions_;
  std::vector<PlanDraft::Step> steps_;
};

}  // namespace

Status choose_layouts(PlanDraft& draft) { return LayoutChooser(draft).choose(); }

}  // namespace pleat
