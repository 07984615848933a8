#include "converter/verify/region_proofs.h"

#include <algorithm>
#include <unordered_map>

#include "converter/verify/widen.h"
#include "runtime/graph/uses.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Multiply-adds beyond which a region is compared on the network's activations once, and else on generated inputs.
constexpr double kLargeRegion = 50e6;

/// The values that can be computed with the operators at hand. `obstacle` tells the first node that cannot be run.
std::set<std::string> reachable_values(const Graph& graph, std::string& obstacle) {
  std::set<std::string> reachable;
  for (const ValueInfo& input : graph.inputs) reachable.insert(input.name);
  for (const Initializer& initializer : graph.initializers) reachable.insert(initializer.name);
  for (const Node& node : graph.nodes) {
    const bool fed = std::ranges::all_of(
        node.inputs, [&](const std::string& name) { return name.empty() || reachable.contains(name); });
    const bool known = OpRegistry::instance().knows(node);
    if (!known && obstacle.empty()) obstacle = node.label();
    if (fed && known) reachable.insert(node.outputs.begin(), node.outputs.end());
  }
  return reachable;
}

}  // namespace

/// One region, what a run of the network has shown of it so far, and its check.
struct RegionProofs::Watched {
  Watched(const Region& part, const ExactConstants* exact, int threads) : region(part), check(part, exact, threads) {}

  const Region& region;
  RegionCheck check;
  SeenInputs seen;
  bool in_network = false;         ///< compared on the network's own activations
  std::int64_t generated = 0;      ///< comparisons on generated inputs
  std::optional<std::string> gap;  ///< why nothing could be generated
  std::vector<SampleRecord> records;
};

RegionProofs::RegionProofs(const Model& model, const std::vector<Region>& regions, const ExactConstants* exact,
                           const VerifyOptions& options)
    : model_(model), options_(options), reachable_(reachable_values(model.graph, obstacle_)) {
  for (const Region& region : regions) watched_.push_back(std::make_unique<Watched>(region, exact, options.threads));
}

RegionProofs::~RegionProofs() = default;

Result<NamedTensors> RegionProofs::run(const NamedTensors& inputs, const std::set<std::string>& wanted,
                                       const SampleSet& samples, std::int64_t batch) {
  struct Pending {
    Watched* watched;
    std::set<std::string> missing;
    NamedTensors values;
  };
  std::vector<Pending> pending;
  std::unordered_map<std::string, std::vector<std::size_t>> wait_for;
  std::set<std::string> asked;
  for (const std::string& name : wanted)
    if (reachable_.contains(name)) asked.insert(name);
  for (const auto& watched : watched_) {
    const Region& region = watched->region;
    const bool seen_enough = watched->in_network && watched->check.macs() > kLargeRegion;
    if (!region.graph.empty() || watched->check.objection() || seen_enough) continue;
    Pending wait{watched.get(), {}, {}};
    for (const auto* names : {&region.inputs, &region.outputs})
      for (const std::string& name : *names) wait.missing.insert(name);
    if (!std::ranges::includes(reachable_, wait.missing)) continue;
    if (!obstacle_.empty()) asked.insert(wait.missing.begin(), wait.missing.end());
    for (const std::string& name : wait.missing) wait_for[name].push_back(pending.size());
    pending.push_back(std::move(wait));
  }
  const auto visit = [&](const std::string& name, const Tensor& value) -> Status {
    const auto waiting = wait_for.find(name);
    if (waiting == wait_for.end()) return {};
    for (const std::size_t i : waiting->second) {
      pending[i].missing.erase(name);
      pending[i].values[name] = value;
      if (!pending[i].missing.empty()) continue;
      const NamedTensors values = std::move(pending[i].values);
      PLEAT_TRY(see(*pending[i].watched, values, samples, batch));
    }
    return {};
  };
  for (const auto& [name, tensor] : inputs) {
    PLEAT_ASSIGN(const Tensor value, widened(tensor, Arithmetic::kOwn));
    PLEAT_TRY(visit(name, value));
  }
  return Evaluator(model_, Arithmetic::kOwn, options_.threads).run(inputs, asked, visit);
}

Status RegionProofs::see(Watched& watched, const NamedTensors& values, const SampleSet& samples, std::int64_t batch) {
  NamedTensors inputs, outputs;
  for (const std::string& name : watched.region.inputs) {
    const Tensor& value = values.at(name);
    inputs[name] = value;
    watched.seen.shapes[name] = value.shape();
    watched.seen.dtypes[name] = value.dtype();
    if (!is_floating(value.dtype())) watched.seen.integers[name] = value;
  }
  for (const std::string& name : watched.region.outputs) outputs[name] = values.at(name);
  const std::string label = watched.check.algebra().batch_norm;
  coverage_.see(label.empty() ? watched.region.label() : label, outputs.at(watched.region.outputs.front()));
  watched.in_network = true;
  return watched.check.compare(inputs, &outputs, samples.name, batch);
}

Status RegionProofs::run_generated() {
  for (const auto& watched : watched_)
    if (!watched->check.objection()) PLEAT_TRY(generate(*watched));
  return {};
}

Status RegionProofs::generate(Watched& watched) {
  const SeenInputs* seen = watched.in_network ? &watched.seen : nullptr;
  auto sets = generated_inputs(watched.region, seen, options_.region_seed, options_.threads);
  if (!sets) {
    if (sets.error().code == ErrorCode::kResource) return fail(std::move(sets).error());
    watched.gap = sets.error().text();
    return {};
  }
  std::int64_t batch = 0;
  const std::string* last = nullptr;
  for (const GeneratedInputs& set : *sets) {
    batch = last != nullptr && *last == set.name ? batch + 1 : 0;
    if (batch == 0) watched.records.push_back({set.name, set.seed, 0});
    last = &set.name;
    const auto rows = set.inputs.empty() || set.inputs.begin()->second.shape().rank() == 0
                          ? 1
                          : set.inputs.begin()->second.shape()[0];
    watched.records.back().samples += rows;
    PLEAT_TRY(watched.check.compare(set.inputs, nullptr, set.name, batch));
    ++watched.generated;
  }
  return {};
}

std::vector<SampleRecord> RegionProofs::generated() const {
  std::vector<SampleRecord> records;
  for (const auto& watched : watched_) {
    for (const SampleRecord& record : watched->records) {
      const auto known = std::ranges::find_if(
          records, [&](const SampleRecord& other) { return other.name == record.name && other.seed == record.seed; });
      if (known == records.end())
        records.push_back(record);
      else
        known->samples += record.samples;
    }
  }
  return records;
}

const std::string* RegionProofs::objection() const {
  for (const auto& watched : watched_) {
    if (watched->check.objection()) return &*watched->check.objection();
    if (watched->gap && !watched->in_network) return &*watched->gap;
  }
  return nullptr;
}

std::string RegionProofs::where_compared() const {
  const auto seen = std::ranges::count_if(watched_, [](const auto& watched) { return watched->in_network; });
  const auto all = static_cast<std::ptrdiff_t>(watched_.size());
  if (seen == 0) return "on generated inputs alone";
  if (seen < all) return "on generated inputs, and " + std::to_string(seen) + " on the network's own activations";
  return "on the network's own activations and on generated inputs";
}

RungReport RegionProofs::report(Rung rung, const LayerFigures& (RegionCheck::*figures)() const,
                                const std::optional<Finding>& (RegionCheck::*failure)() const, const std::string& good,
                                const std::string& bad) const {
  RungReport report;
  report.rung = rung;
  report.ran = true;
  report.passed = true;
  for (const auto& watched : watched_) {
    const RegionCheck& check = watched->check;
    report.layers.push_back((check.*figures)());
    std::optional<Finding> found = (check.*failure)();
    const std::optional<std::string>& why = check.objection() ? check.objection() : watched->gap;
    if (!found && why && (check.objection() || !watched->in_network)) {
      found = Finding{};
      found->what = *why;
      found->batch_norm = report.layers.back().batch_norm;
      found->node = report.layers.back().node;
    }
    if (!found) continue;
    report.passed = false;
    if (!report.first_failure) report.first_failure = std::move(found);
  }
  const std::string count = std::to_string(watched_.size());
  report.text = watched_.empty() ? "nothing was rewritten"
                : report.passed  ? good + ": " + count + " compared " + where_compared()
                : objection()    ? *objection()
                                 : bad;
  return report;
}

std::vector<RungReport> RegionProofs::reports() const {
  return {
      report(Rung::kAlgebra, &RegionCheck::algebra, &RegionCheck::algebra_failure,
             "in double, the rewritten regions are the unfolded ones", "a rewritten region is not the unfolded one"),
      report(Rung::kRounding, &RegionCheck::rounding, &RegionCheck::rounding_failure,
             "no region differs by more than its rounding", "a region differs by more than its rounding")};
}

Result<std::optional<std::pair<const Region*, GoldenData>>> RegionProofs::golden(const std::string& constant) {
  using Found = std::optional<std::pair<const Region*, GoldenData>>;
  for (const auto& watched : watched_)
    if (watched->check.golden()) return Found({&watched->region, *watched->check.golden()});
  for (const auto& watched : watched_) {
    if (std::ranges::find(watched->region.new_constants, constant) == watched->region.new_constants.end()) continue;
    PLEAT_ASSIGN(const auto sets, generated_inputs(watched->region, watched->in_network ? &watched->seen : nullptr,
                                                   options_.region_seed, options_.threads));
    PLEAT_ASSIGN(GoldenData golden, watched->check.golden_for(sets.front().inputs));
    return Found({&watched->region, std::move(golden)});
  }
  return Found{};
}

}  // namespace pleat
