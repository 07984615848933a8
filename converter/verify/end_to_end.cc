#include "converter/verify/end_to_end.h"

#include <algorithm>
#include <cmath>

#include "converter/verify/end_to_end_comparison.h"
#include "converter/verify/linear_node.h"
#include "converter/verify/widen.h"

namespace pleat {
namespace {

/// Batches of more multiply-adds have their noise measured where it is needed, the others on every set's first batch.
constexpr std::int64_t kCheapBatch = 1'000'000'000;

/// `name` among what a run gave, else among what it was given.
const Tensor* find(const std::string& name, const NamedTensors& made, const NamedTensors& given) {
  if (const auto at = made.find(name); at != made.end()) return &at->second;
  const auto at = given.find(name);
  return at != given.end() ? &at->second : nullptr;
}

bool same_bits(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() && std::ranges::equal(a.bytes(), b.bytes());
}

}  // namespace

EndToEnd::EndToEnd() = default;
EndToEnd::~EndToEnd() = default;

Result<std::unique_ptr<EndToEnd>> EndToEnd::create(const Model& unfolded, const Model& folded, int threads,
                                                   const EndToEndOptions& options) {
  for (const ValueInfo& output : folded.graph.outputs) {
    const auto same_name = [&](const ValueInfo& info) { return info.name == output.name; };
    if (std::ranges::none_of(unfolded.graph.outputs, same_name))
      return fail(Error::usage("the two models have no common outputs to compare")
                      .at("output '" + output.name + "'")
                      .fix("compare models with the same inputs and outputs"));
  }
  std::unique_ptr<EndToEnd> made(new EndToEnd);
  made->comparison_ = std::make_unique<Comparison>(unfolded, folded, threads, options);
  return made;
}

const std::set<std::string>& EndToEnd::wanted() const { return comparison_->wanted(); }
std::vector<RungReport> EndToEnd::reports() const { return comparison_->reports(); }
void EndToEnd::fill(Verdict& verdict) const { comparison_->fill(verdict); }
Status EndToEnd::compare(const NamedTensors& inputs, const SampleSet& samples, std::int64_t batch,
                         const NamedTensors* unfolded) {
  return comparison_->compare(inputs, samples, batch, unfolded);
}

EndToEnd::Comparison::Comparison(const Model& unfolded, const Model& folded, int threads,
                                 const EndToEndOptions& options)
    : unfolded_(unfolded),
      folded_(folded),
      folded_uses_(folded.graph),
      threads_(threads),
      options_(options),
      unfolded_own_(unfolded, Arithmetic::kOwn, threads),
      folded_own_(folded, Arithmetic::kOwn, threads),
      unfolded_double_(unfolded, Arithmetic::kDouble, threads),
      folded_double_(folded, Arithmetic::kDouble, threads),
      noise_(unfolded, options.noise_seed),
      folded_noise_(folded, options.noise_seed),
      decisions_(find_decisions(unfolded.graph, folded.graph)),
      margins_(decisions_.size()) {
  choose_checkpoints();
  for (const Node& node : folded.graph.nodes)
    if (is_linear(node) && !node.outputs.empty())
      if (const auto weight = stored_weight(folded.graph, node)) products_[node.outputs[0]] = weight->products;
}

void EndToEnd::Comparison::choose_checkpoints() {
  for (const ValueInfo& output : folded_.graph.outputs) {
    folded_outputs_.insert(output.name);
    add_checkpoint(output.name, output.name, true);
  }
  for (std::size_t d = 0; d < decisions_.size(); ++d) {
    const Decision& decision = decisions_[d];
    const Node& node = unfolded_.graph.nodes[decision.unfolded];
    margins_[d].node = node.name.empty() ? node.outputs[0] : node.name;
    margins_[d].output = decision.outputs[0];
    margins_[d].smallest_margin = HUGE_VAL;
    wanted_.insert(decision.outputs.begin(), decision.outputs.end());
    for (std::size_t i = 0; i < decision.unfolded_inputs.size(); ++i)
      if (unfolded_.graph.input(decision.unfolded_inputs[i]) == nullptr)
        add_checkpoint(decision.unfolded_inputs[i], decision.folded_inputs[i], false);
  }
}

void EndToEnd::Comparison::add_checkpoint(const std::string& unfolded, const std::string& folded, bool output) {
  for (const Checkpoint& known : checkpoints_)
    if (known.unfolded == unfolded && known.folded == folded) return;
  Checkpoint checkpoint{unfolded, folded, output, noise_.roundings_behind(unfolded),
                        LastLayer::before(folded, folded_, folded_uses_)};
  wanted_.insert(unfolded);
  truths_.insert(unfolded);
  folded_wanted_.insert(folded);
  folded_truths_.insert(folded);
  if (checkpoint.last) folded_wanted_.insert(checkpoint.last->input());
  checkpoints_.push_back(std::move(checkpoint));
}

Status EndToEnd::Comparison::compare(const NamedTensors& inputs, const SampleSet& samples, std::int64_t number,
                                     const NamedTensors* own) {
  std::vector<ValueFigures>& figures = figures_[samples.name];
  const bool first_batch = figures.empty();
  if (first_batch) {
    sets_.push_back(samples.name);
    for (const Checkpoint& checkpoint : checkpoints_) figures.emplace_back(checkpoint.unfolded, samples.name);
  }
  Batch batch{samples, number, inputs, inputs, {}, {}, {}, figures};
  PLEAT_TRY(run(batch, own));
  PLEAT_TRY(measure(batch));
  if (!options_.plain) PLEAT_TRY(measure_noise(batch, first_batch && (sets_.size() == 1 || macs_ <= kCheapBatch)));
  PLEAT_ASSIGN(const bool flipped, decide(batch));
  for (ValueFigures& each : figures) each.end();
  return differ(batch, flipped);
}

Status EndToEnd::Comparison::run(Batch& batch, const NamedTensors* own) {
  if (own != nullptr) {
    batch.own = *own;
  } else {
    PLEAT_ASSIGN(batch.own, unfolded_own_.run(batch.inputs, wanted_));
  }
  for (const Decision& decision : decisions_)
    for (const std::string& name : decision.outputs) batch.pinned[name] = batch.own.at(name);
  const bool counted = macs_ > 0;
  const auto count = [&](const std::string& name, const Tensor& value) -> Status {
    if (const auto products = products_.find(name); !counted && products != products_.end())
      macs_ += products->second * value.elements();
    return {};
  };
  PLEAT_ASSIGN(batch.folded, folded_own_.run(batch.pinned, folded_wanted_, count));
  PLEAT_ASSIGN(batch.truth, unfolded_double_.run(batch.pinned, truths_));
  return {};
}

Status EndToEnd::Comparison::measure(Batch& batch) {
  bool overflows = false;
  for (std::size_t i = 0; i < checkpoints_.size(); ++i) {
    const Checkpoint& checkpoint = checkpoints_[i];
    PLEAT_TRY(batch.figures[i].begin(batch.own.at(checkpoint.unfolded), batch.folded.at(checkpoint.folded),
                                     batch.truth.at(checkpoint.unfolded), batch.number));
    overflows = overflows || batch.figures[i].overflows();
  }
  NamedTensors in_double;
  if (overflows) {
    PLEAT_ASSIGN(in_double, folded_double_.run(batch.pinned, folded_truths_));
  }
  for (std::size_t i = 0; i < checkpoints_.size(); ++i) {
    const Checkpoint& checkpoint = checkpoints_[i];
    double bound = 0;
    if (checkpoint.last) {
      const Tensor* input = find(checkpoint.last->input(), batch.folded, batch.pinned);
      PLEAT_CHECK(input != nullptr);
      PLEAT_ASSIGN(bound, checkpoint.last->bound(*input, threads_));
    }
    batch.figures[i].measure(bound, overflows ? &in_double.at(checkpoint.folded) : nullptr);
  }
  return {};
}

/// The unfolded network's noise explains most differences. What it leaves is measured again, longer and of both: a
/// fold may move a mean behind the layer that it cancelled before, which rounds more, and rightly so.
Status EndToEnd::Comparison::measure_noise(Batch& batch, bool everywhere) {
  const auto names_of = [&](std::string Checkpoint::*side) {
    std::set<std::string> names;
    for (std::size_t i = 0; i < checkpoints_.size(); ++i)
      if (everywhere || batch.figures[i].exceeds()) names.insert(checkpoints_[i].*side);
    everywhere = false;
    return names;
  };
  PLEAT_TRY(measure_noise(batch, noise_, unfolded_double_, names_of(&Checkpoint::unfolded), Noise::kRuns, batch.truth,
                          &Checkpoint::unfolded));
  PLEAT_TRY(measure_noise(batch, noise_, unfolded_double_, names_of(&Checkpoint::unfolded), Noise::kManyRuns,
                          batch.truth, &Checkpoint::unfolded));
  const std::set<std::string> left = names_of(&Checkpoint::folded);
  if (left.empty()) return {};
  PLEAT_ASSIGN(const NamedTensors still, folded_double_.run(batch.pinned, left));
  return measure_noise(batch, folded_noise_, folded_double_, left, Noise::kManyRuns, still, &Checkpoint::folded);
}

Status EndToEnd::Comparison::measure_noise(Batch& batch, const Noise& noise, const Evaluator& network,
                                           const std::set<std::string>& names, int runs, const NamedTensors& still,
                                           std::string Checkpoint::*side) {
  if (names.empty()) return {};
  PLEAT_ASSIGN(const auto squares, noise.mean_squares(network, batch.pinned, names, still, runs));
  for (std::size_t i = 0; i < checkpoints_.size(); ++i) {
    const auto known = squares.find(checkpoints_[i].*side);
    if (known != squares.end()) batch.figures[i].add_noise(known->second, checkpoints_[i].roundings);
  }
  return {};
}

/// What `network` decides at this node, its inputs named `names` being those of the folded network.
Result<NamedTensors> EndToEnd::Comparison::decided(const Evaluator& network, const Batch& batch,
                                                   const Decision& decision,
                                                   const std::vector<std::string>& names) const {
  NamedTensors read = batch.inputs;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const Tensor* value = find(decision.folded_inputs[i], batch.folded, batch.pinned);
    PLEAT_CHECK(value != nullptr);
    read[names[i]] = *value;
  }
  return network.run(read, {decision.outputs.begin(), decision.outputs.end()});
}

std::vector<Tensor> EndToEnd::Comparison::inputs_in_double(const Batch& batch, const Node& node) const {
  std::vector<Tensor> inputs;
  for (const std::string& name : node.inputs) {
    const Tensor* value = find(name, batch.truth, batch.pinned);
    if (value == nullptr) value = stored_constant(unfolded_.graph, name);
    const auto wide = value != nullptr ? widened(*value, Arithmetic::kDouble) : Result<Tensor>(Tensor{});
    inputs.push_back(wide ? *wide : Tensor{});
  }
  return inputs;
}

double EndToEnd::Comparison::tolerance_of(const Batch& batch, const Decision& decision) const {
  double sum = 0;
  for (std::size_t i = 0; i < checkpoints_.size(); ++i)
    if (std::ranges::find(decision.unfolded_inputs, checkpoints_[i].unfolded) != decision.unfolded_inputs.end())
      sum += batch.figures[i].figures().allowed;
  return sum;
}

Result<DecisionCount> EndToEnd::Comparison::decide(const Batch& batch, const Decision& decision) const {
  PLEAT_ASSIGN(const NamedTensors folded, decided(folded_own_, batch, decision, decision.folded_inputs));
  PLEAT_ASSIGN(const NamedTensors same, decided(unfolded_own_, batch, decision, decision.unfolded_inputs));
  const Node& node = unfolded_.graph.nodes[decision.unfolded];
  const std::vector<Tensor> inputs = inputs_in_double(batch, node);
  DecisionCount all;
  all.smallest_margin = HUGE_VAL;
  for (const std::string& name : decision.outputs) {
    DecisionCount count = count_decisions({node, unfolded_.opset(node.domain), name, batch.own.at(name),
                                           folded.at(name), inputs, tolerance_of(batch, decision)});
    // On the same input both nodes must decide alike: else they are not the same function, however close the call.
    if (!same_bits(folded.at(name), same.at(name))) count.unexplained = std::max<std::int64_t>(1, count.flipped);
    all.decisions += count.decisions;
    all.flipped += count.flipped;
    all.close += count.close;
    all.unexplained += count.unexplained;
    all.smallest_margin = std::min(all.smallest_margin, count.smallest_margin);
    all.tolerance = std::max(all.tolerance, count.tolerance);
  }
  return all;
}

/// Counts the decisions of a batch; true where one came out otherwise.
Result<bool> EndToEnd::Comparison::decide(const Batch& batch) {
  bool flipped = false;
  for (std::size_t d = 0; d < decisions_.size(); ++d) {
    PLEAT_ASSIGN(const DecisionCount count, decide(batch, decisions_[d]));
    DecisionMargin& margin = margins_[d];
    margin.decisions += count.decisions;
    margin.flipped += count.flipped;
    margin.close += count.close;
    margin.unexplained += count.unexplained;
    margin.smallest_margin = std::min(margin.smallest_margin, count.smallest_margin);
    margin.tolerance = std::max(margin.tolerance, count.tolerance);
    flipped = flipped || count.flipped > 0;
  }
  return flipped;
}

/// Without flips the folded network decided what was pinned: its outputs are those it gives by itself.
Status EndToEnd::Comparison::differ(Batch& batch, bool flipped) {
  if (flipped) {
    PLEAT_ASSIGN(batch.folded, folded_own_.run(batch.inputs, folded_outputs_));
  }
  for (std::size_t i = 0; i < checkpoints_.size(); ++i) {
    if (!checkpoints_[i].output) continue;
    const std::string& name = checkpoints_[i].unfolded;
    batch.figures[i].differ(batch.own.at(name), batch.folded.at(name), options_.plain, batch.number);
    confusions_.see(name, batch.samples, batch.number, batch.own.at(name), batch.folded.at(name));
  }
  if (batch.number == 0) compare_stored(batch);
  return {};
}

void EndToEnd::Comparison::compare_stored(const Batch& batch) {
  for (const auto& [name, expected] : batch.samples.stored) {
    const auto own = batch.own.find(name), folded = batch.folded.find(name);
    const auto want = to_doubles(expected);
    if (own == batch.own.end() || folded == batch.folded.end() || !want) continue;
    StoredOutput stored{name, batch.samples.name, batch.samples.stored_rtol, batch.samples.stored_atol};
    const PlainTolerance close{stored.rtol, stored.atol};
    const auto compare_with = [&, &expected = expected](const Tensor& made, double& difference, bool& within) {
      const auto got = to_doubles(made);
      within = got && made.shape() == expected.shape();
      difference = within ? 0 : HUGE_VAL;
      for (std::size_t i = 0; within && i < want->size(); ++i)
        if (std::isfinite((*got)[i] - (*want)[i])) difference = std::max(difference, std::fabs((*got)[i] - (*want)[i]));
      for (std::size_t i = 0; within && i < want->size(); ++i) within = close.agrees((*got)[i], (*want)[i], true);
    };
    compare_with(own->second, stored.unfolded_difference, stored.unfolded_within);
    compare_with(folded->second, stored.folded_difference, stored.folded_within);
    stored_.push_back(std::move(stored));
  }
}

}  // namespace pleat
