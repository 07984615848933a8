#include "converter/verify/self_test.h"

#include <algorithm>

#include "converter/verify/mutation.h"

namespace pleat {
namespace {

bool same(const FoldedConstants& a, const FoldedConstants& b) { return a.weight == b.weight && a.bias == b.bias; }

Result<Model> with_constants(const Model& folded, const FoldRecipe& recipe, const FoldedConstants& constants) {
  Model model = folded;
  for (Initializer& initializer : model.graph.initializers) {
    if (initializer.name != recipe.new_weight && initializer.name != recipe.new_bias) continue;
    const auto& values = initializer.name == recipe.new_weight ? constants.weight : constants.bias;
    PLEAT_ASSIGN(initializer.tensor, from_doubles(DType::kFloat, initializer.tensor.shape(), values));
    initializer.encoded = {};
  }
  return model;
}

double worst_ratio(const RungReport& report) {
  double worst = 0;
  for (const LayerFigures& figures : report.layers) worst = std::max(worst, figures.worst.ratio);
  return worst;
}

void judge(const Verdict& verdict, MutationResult& result) {
  const RungReport* failure = verdict.failure();
  result.caught = failure != nullptr && !verdict.passed;
  if (failure != nullptr) result.rung = failure->rung;
  result.parameters_ratio = worst_ratio(verdict.rung(Rung::kParameters));
  result.algebra_ratio = worst_ratio(verdict.rung(Rung::kAlgebra));
  result.rounding_ratio = worst_ratio(verdict.rung(Rung::kRounding));
}

}  // namespace

Result<SelfTestReport> self_test(const Model& unfolded, const FoldResult& fold, const std::vector<SampleSet>& samples,
                                 const VerifyOptions& options) {
  std::vector<std::pair<std::string, FoldRecipe>> recipes;
  for (const FoldEntry& entry : fold.map.entries)
    if (auto recipe = recipe_of(unfolded, entry)) recipes.emplace_back(entry.batch_norm, std::move(*recipe));
  if (recipes.empty()) return fail(Error::usage("there is no fold of a float layer to corrupt"));

  SelfTestReport report;
  PLEAT_ASSIGN(const Verdict right, verify_fold(unfolded, fold.folded, fold.map, samples, options));
  report.right_fold_passes = right.passed;
  report.passed = right.passed;
  for (const Mutation& mutation : mutations()) {
    MutationResult result;
    result.name = mutation.name;
    for (const auto& [batch_norm, recipe] : recipes) {
      const auto constants = mutation.make(recipe);
      if (!constants || same(*constants, right_constants(recipe))) continue;
      result.applicable = true;
      result.batch_norm = batch_norm;
      PLEAT_ASSIGN(const Model wrong, with_constants(fold.folded, recipe, *constants));
      PLEAT_ASSIGN(const Verdict verdict, verify_fold(unfolded, wrong, fold.map, samples, options));
      judge(verdict, result);
      break;
    }
    report.passed = report.passed && (result.caught || !result.applicable);
    report.mutations.push_back(std::move(result));
  }
  return report;
}

}  // namespace pleat
