#include "converter/verify/self_test.h"

#include <algorithm>
#include <map>

#include "converter/fold/prepare.h"
#include "converter/verify/mutation.h"

namespace pleat {
namespace {

double worst_ratio(const RungReport& report) {
  double worst = 0;
  for (const LayerFigures& figures : report.layers) worst = std::max(worst, figures.worst.ratio);
  return worst;
}

void judge(const Result<Verdict>& verdict, MutationResult& result) {
  if (!verdict) {  // not judged is not verified either
    result.caught = true;
    result.rung = Rung::kEndToEnd;
    return;
  }
  const RungReport* failure = verdict->failure();
  result.caught = failure != nullptr && !verdict->passed;
  if (failure != nullptr) result.rung = failure->rung;
  result.parameters_ratio = worst_ratio(verdict->rung(Rung::kParameters));
  result.algebra_ratio = worst_ratio(verdict->rung(Rung::kAlgebra));
  result.rounding_ratio = worst_ratio(verdict->rung(Rung::kRounding));
}

/// What took the region's normalizations over: "Conv", "Conv behind it" where the layer stands behind the
/// BatchNormalization, "Conv, written out" where none was a BatchNormalization, with "in an inner graph" where it is.
std::string kind_of(const FoldCase& fold_case) {
  const Region& region = fold_case.region;
  const std::vector<std::string> constants = folded_constants(fold_case);
  const auto& nodes = region.folded.graph.nodes;
  const auto target = std::ranges::find_if(nodes, [&](const Node& node) {
    return std::ranges::any_of(node.inputs,
                               [&](const std::string& name) { return std::ranges::count(constants, name) > 0; });
  });
  const Node* norm = batch_norm_of(region);
  if (norm == nullptr && constants.empty()) return {};
  std::string kind = target != nodes.end() ? target->op_type : "no layer";
  if (norm == nullptr) kind += ", written out";
  if (norm != nullptr && std::ranges::count(region.inputs, norm->inputs[0]) > 0) kind += " behind it";
  if (!region.graph.empty()) kind += " in an inner graph";
  return kind;
}

class SelfTest {
 public:
  SelfTest(const Model& unfolded, const FoldResult& fold, const std::vector<SampleSet>& samples,
           const VerifyOptions& options, const FoldOptions& fold_options)
      : unfolded_(unfolded), fold_(fold), samples_(samples), options_(options), fold_options_(fold_options) {
    options_.freeze_inputs = options_.freeze_inputs || fold_options.freeze_inputs;
    options_.assume_inference = options_.assume_inference || fold_options.assume_inference;
    options_.reproducer.clear();
  }

  Result<SelfTestReport> run() {
    FoldMap inlined;
    PLEAT_ASSIGN(source_, prepare(unfolded_, fold_options_, inlined));
    PLEAT_ASSIGN(const Model before, as_compared(unfolded_, options_));
    PLEAT_ASSIGN(const Model after, as_compared(fold_.folded, options_));
    const ModelDifference changes = difference(before, after, {true, options_.freeze_inputs});
    for (const Region& region : changes.regions)
      if (const std::string kind = kind_of({source_, fold_, fold_options_, region}); !kind.empty())
        kinds_[kind].push_back(&region);
    if (kinds_.empty()) return fail(Error::usage("there is no fold of a layer to corrupt"));
    PLEAT_ASSIGN(const Verdict right, verify_models(unfolded_, fold_.folded, &fold_.constants, samples_, options_));
    report_.right_fold_passes = report_.passed = right.passed;
    for (const auto mutations : {constant_mutations(), recipe_mutations(), wiring_mutations()})
      for (const Mutation& mutation : mutations) try_on_each_kind(mutation);
    return std::move(report_);
  }

 private:
  void try_on_each_kind(const Mutation& mutation) {
    const std::size_t before = report_.mutations.size();
    for (const auto& [kind, regions] : kinds_) {
      for (const Region* region : regions) {
        const auto wrong = mutation.make({source_, fold_, fold_options_, *region});
        if (!wrong) continue;
        MutationResult result;
        result.name = std::string(mutation.name) + " (" + kind + ")";
        result.applicable = true;
        result.batch_norm = region->batch_norms.empty() ? region->label() : region->batch_norms.back();
        judge(verify_models(unfolded_, wrong->folded, &wrong->constants, samples_, options_), result);
        report_.passed = report_.passed && result.caught;
        report_.mutations.push_back(std::move(result));
        break;
      }
    }
    if (report_.mutations.size() == before) report_.mutations.emplace_back().name = mutation.name;
  }

  const Model& unfolded_;
  Model source_;
  const FoldResult& fold_;
  const std::vector<SampleSet>& samples_;
  VerifyOptions options_;
  const FoldOptions& fold_options_;
  std::map<std::string, std::vector<const Region*>> kinds_;
  SelfTestReport report_;
};

}  // namespace

Result<SelfTestReport> self_test(const Model& unfolded, const FoldResult& fold, const std::vector<SampleSet>& samples,
                                 const VerifyOptions& options, const FoldOptions& fold_options) {
  return SelfTest(unfolded, fold, samples, options, fold_options).run();
}

}  // namespace pleat
