#include "converter/verify/structure.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "converter/verify/same.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstIrWithOverridableInitializers = 4;

std::vector<ValueInfo> true_inputs(const Model& model, bool freeze) {
  std::vector<ValueInfo> inputs;
  const bool constant = freeze || model.ir_version < kFirstIrWithOverridableInitializers;
  for (const ValueInfo& input : model.graph.inputs)
    if (!constant || model.graph.initializer(input.name) == nullptr) inputs.push_back(input);
  return inputs;
}

Status same_opsets(const Model& a, const Model& b) {
  const bool same = std::ranges::equal(a.opset_imports, b.opset_imports, [](const auto& x, const auto& y) {
    return x.domain == y.domain && x.version == y.version;
  });
  if (same) return {};
  return fail(Error::check_failed("the models import different operator sets"));
}

Status same_functions(const Model& unfolded, const Model& folded) {
  for (const Function& function : folded.functions) {
    const bool known =
        std::ranges::any_of(unfolded.functions, [&](const Function& other) { return same_function(function, other); });
    if (!known) return fail(Error::check_failed("a function was added or changed").at(function.label()));
  }
  return {};
}

using Constants = std::unordered_map<std::string, std::vector<const Initializer*>>;

void collect(const Graph& graph, Constants& constants) {
  for (const Initializer& initializer : graph.initializers) constants[initializer.name].push_back(&initializer);
  for (const Node& node : graph.nodes)
    for (const Attribute& attribute : node.attributes)
      if (const Graph* inner = attribute.graph()) collect(*inner, constants);
}

/// Constants of the folded model are old ones under their names, or belong to a region and can not be overridden.
Status check_constants(const Model& unfolded, const Model& folded, const ModelDifference& difference) {
  std::set<std::string> concerned, fresh;
  for (const Region& region : difference.regions) {
    for (const Initializer& constant : region.folded.graph.initializers) concerned.insert(constant.name);
    fresh.insert(region.new_constants.begin(), region.new_constants.end());
  }
  Constants before, after;
  collect(unfolded.graph, before);
  collect(folded.graph, after);
  for (const auto& [name, constants] : after) {
    const std::string place = "constant '" + name + "'";
    const auto known = before.find(name);
    for (const Initializer* constant : constants) {
      const bool same = known != before.end() && std::ranges::any_of(known->second, [&](const Initializer* old) {
                          return same_constant(*old, *constant);
                        });
      if (same) continue;
      if (known != before.end() && fresh.contains(name))
        return fail(Error::check_failed("a fold has taken over an old constant").at(place));
      if (known != before.end())
        return fail(Error::check_failed("a constant that no fold concerns has changed").at(place));
      if (!concerned.contains(name)) return fail(Error::check_failed("a constant was added").at(place));
    }
  }
  return {};
}

Status check_overridable(const Model& folded, const ModelDifference& difference, bool freeze) {
  if (freeze || folded.ir_version < kFirstIrWithOverridableInitializers) return {};
  for (const Region& region : difference.regions)
    for (const std::string& name : region.new_constants)
      if (folded.graph.input(name) != nullptr)
        return fail(Error::check_failed("'" + name + "' could be overridden by a caller").at(region.label()));
  return {};
}

std::vector<std::pair<std::string, std::string>> foreign_metadata(const Model& model) {
  std::vector<std::pair<std::string, std::string>> metadata = model.metadata_props;
  std::erase_if(metadata, [](const auto& entry) { return entry.first.starts_with("pleat."); });
  return metadata;
}

Status check_documents(const Model& unfolded, const Model& folded, const ModelDifference& difference) {
  const auto changed = [](const std::string& what) { return fail(Error::check_failed(what + " has changed")); };
  const bool raised = unfolded.ir_version < kFirstIrWithOverridableInitializers &&
                      folded.ir_version == kFirstIrWithOverridableInitializers;
  if (unfolded.ir_version != folded.ir_version && !raised) return changed("the IR version");
  if (unfolded.domain != folded.domain || unfolded.model_version != folded.model_version)
    return changed("the model's domain or version");
  if (unfolded.doc_string != folded.doc_string || unfolded.graph.doc_string != folded.graph.doc_string)
    return changed("the documentation");
  if (foreign_metadata(unfolded) != foreign_metadata(folded)) return changed("the metadata");
  if (unfolded.unmodelled != folded.unmodelled || unfolded.graph.unmodelled != folded.graph.unmodelled ||
      unfolded.graph.name != folded.graph.name)
    return changed("a part of the model that is not read here");
  for (const auto& [a, b] : difference.common)
    if (a->name != b->name || a->doc_string != b->doc_string || a->unmodelled != b->unmodelled)
      return fail(
          Error::check_failed("name or documentation of a node that no fold concerns has changed").at(a->label()));
  for (const ValueInfo& info : folded.graph.value_info) {
    const auto old = std::ranges::find_if(unfolded.graph.value_info,
                                          [&](const ValueInfo& other) { return other.name == info.name; });
    if (old != unfolded.graph.value_info.end() && !same_type(old->type, info.type))
      return fail(Error::check_failed("the declared type of a value has changed").at("'" + info.name + "'"));
  }
  return {};
}

Status structure(const Model& unfolded, const Model& folded, const ModelDifference& difference, bool freeze,
                 Strictness strictness) {
  PLEAT_TRY(check(folded));
  PLEAT_TRY(same_interface(unfolded, folded, freeze));
  PLEAT_TRY(same_opsets(unfolded, folded));
  PLEAT_TRY(same_functions(unfolded, folded));
  if (!difference.unmapped.empty()) return fail(Error::check_failed(difference.unmapped.front()));
  PLEAT_TRY(check_overridable(folded, difference, freeze));
  if (strictness == Strictness::kMeaning) return {};
  PLEAT_TRY(check_constants(unfolded, folded, difference));
  return check_documents(unfolded, folded, difference);
}

}  // namespace

Status same_interface(const Model& a, const Model& b, bool freeze_inputs) {
  if (!same_infos(true_inputs(a, freeze_inputs), true_inputs(b, freeze_inputs)))
    return fail(Error::check_failed("the models have different inputs")
                    .expect("the same names, types and shapes in the same order"));
  if (!same_infos(a.graph.outputs, b.graph.outputs))
    return fail(Error::check_failed("the models have different outputs")
                    .expect("the same names, types and shapes in the same order"));
  return {};
}

RungReport check_structure(const Model& unfolded, const Model& folded, const ModelDifference& difference,
                           bool freeze_inputs, Strictness strictness) {
  RungReport report;
  report.rung = Rung::kStructure;
  report.ran = true;
  const Status status = structure(unfolded, folded, difference, freeze_inputs, strictness);
  report.passed = status.has_value();
  if (report.passed) {
    report.text = difference.regions.empty()
                      ? "the models are the same"
                      : "inputs, outputs and everything outside the rewritten regions are the same";
    return report;
  }
  Finding finding;
  finding.what = status.error().what;
  finding.node = status.error().where;
  report.text = finding.node.empty() ? finding.what : finding.node + ": " + finding.what;
  report.first_failure = finding;
  return report;
}

}  // namespace pleat
