#include "converter/verify/verify.h"

#include <algorithm>

#include "converter/verify/certificate.h"
#include "converter/verify/end_to_end.h"
#include "converter/verify/layer_check.h"
#include "converter/verify/structure.h"

namespace pleat {
namespace {

RungReport not_run(Rung rung, std::string why) {
  RungReport report;
  report.rung = rung;
  report.text = std::move(why);
  return report;
}

/// The rungs that need data: 3 to 5.
class DataRungs {
 public:
  DataRungs(const Model& unfolded, const Model& folded, std::vector<CheckedLayer> layers, const VerifyOptions& options)
      : unfolded_(unfolded), folded_(folded), layers_(std::move(layers)), options_(options) {}

  Status run(const std::vector<SampleSet>& samples) {
    PLEAT_ASSIGN(end_to_end_, EndToEnd::create(unfolded_, folded_, options_.threads));
    std::vector<std::string> inner;
    for (CheckedLayer& layer : layers_) {
      inner.push_back(layer.input);
      inner.push_back(layer.output);
      PLEAT_ASSIGN(auto check, LayerCheck::create(unfolded_, folded_, std::move(layer), options_.threads));
      checks_.push_back(std::move(check));
    }
    std::erase_if(inner, [&](const std::string& name) { return unfolded_.graph.input(name) != nullptr; });
    Runner runner(unfolded_, inner, options_.threads);
    std::int64_t total = 0;
    for (const SampleSet& set : samples) total += set.batches;
    for (const SampleSet& set : samples) {
      for (std::int64_t b = 0; b < set.batches; ++b) {
        auto status = compare(runner, set, b);
        if (!status) return fail(std::move(status).error().at("samples '" + set.name + "'"));
        ++batches_;
        if (options_.on_batch) options_.on_batch(batches_, total);
      }
    }
    return {};
  }

  RungReport algebra() const {
    return layers_report(Rung::kAlgebra, &LayerCheck::algebra, &LayerCheck::algebra_failure,
                         "in double, the folded layers are the unfolded ones");
  }
  RungReport rounding() const {
    return layers_report(Rung::kRounding, &LayerCheck::rounding, &LayerCheck::rounding_failure,
                         "no layer differs by more than its rounding");
  }
  RungReport end_to_end() const {
    if (batches_ == 0) return not_run(Rung::kEndToEnd, "there are no samples");
    return end_to_end_->report();
  }
  const std::vector<OutputFigures>& outputs() const { return end_to_end_->outputs(); }

 private:
  Status compare(Runner& runner, const SampleSet& set, std::int64_t b) {
    PLEAT_ASSIGN(const NamedTensors inputs, set.batch(b));
    PLEAT_TRY(runner.run(inputs));
    for (const auto& check : checks_) {
      const CheckedLayer& layer = check->layer();
      PLEAT_ASSIGN(const TensorView output, runner.value(layer.output));
      const auto given = inputs.find(layer.input);
      if (given != inputs.end()) {
        PLEAT_TRY(check->compare(given->second.view(), output, set.name, b));
      } else {
        PLEAT_ASSIGN(const TensorView input, runner.value(layer.input));
        PLEAT_TRY(check->compare(input, output, set.name, b));
      }
    }
    return end_to_end_->compare(inputs, runner, set.name, b);
  }

  RungReport layers_report(Rung rung, const LayerFigures& (LayerCheck::*figures)() const,
                           const std::optional<Finding>& (LayerCheck::*failure)() const, const char* good) const {
    if (batches_ == 0) return not_run(rung, "there are no samples");
    RungReport report;
    report.rung = rung;
    report.ran = true;
    for (const auto& check : checks_) {
      report.layers.push_back((*check.*figures)());
      if (!report.first_failure) report.first_failure = (*check.*failure)();
    }
    report.passed = !report.first_failure;
    report.text = report.passed ? good : "a folded layer is not the unfolded one";
    return report;
  }

  const Model& unfolded_;
  const Model& folded_;
  std::vector<CheckedLayer> layers_;
  const VerifyOptions& options_;
  std::vector<std::unique_ptr<LayerCheck>> checks_;
  std::unique_ptr<EndToEnd> end_to_end_;
  std::int64_t batches_ = 0;
};

void record_samples(const std::vector<SampleSet>& samples, Verdict& verdict) {
  for (const SampleSet& set : samples) verdict.samples.push_back({set.name, set.seed, set.samples});
}

void stop(Verdict& verdict, const std::string& why) {
  while (verdict.rungs.size() < static_cast<std::size_t>(kRungs))
    verdict.rungs.push_back(not_run(static_cast<Rung>(verdict.rungs.size() + 1), why));
}

Result<Verdict> end_to_end_only(const Model& unfolded, const Model& folded, const std::vector<SampleSet>& samples,
                                const VerifyOptions& options) {
  PLEAT_TRY(same_interface(unfolded, folded));
  Verdict verdict;
  record_samples(samples, verdict);
  DataRungs data(unfolded, folded, {}, options);
  PLEAT_TRY(data.run(samples));
  verdict.outputs = data.outputs();
  for (int rung = 1; rung < kRungs; ++rung)
    verdict.rungs.push_back(not_run(static_cast<Rung>(rung), "the models do not map layer by layer"));
  verdict.rungs.push_back(data.end_to_end());
  verdict.passed = verdict.rungs.back().passed;
  return verdict;
}

}  // namespace

Result<Verdict> verify_fold(const Model& unfolded, const Model& folded, const FoldMap& map,
                            const std::vector<SampleSet>& samples, const VerifyOptions& options) {
  Verdict verdict;
  verdict.layers_checked = true;
  verdict.folds = map.folded();
  record_samples(samples, verdict);
  PLEAT_ASSIGN(std::vector<CheckedLayer> layers, read_layers(unfolded, map));
  verdict.rungs.push_back(check_structure(unfolded, folded, layers));
  if (!verdict.rungs.back().passed) {
    stop(verdict, "not run: the structure differs");
    return verdict;
  }
  verdict.rungs.push_back(check_parameters(folded, layers));
  DataRungs data(unfolded, folded, std::move(layers), options);
  PLEAT_TRY(data.run(samples));
  verdict.rungs.push_back(data.algebra());
  verdict.rungs.push_back(data.rounding());
  verdict.rungs.push_back(data.end_to_end());
  verdict.outputs = data.outputs();
  verdict.passed =
      std::all_of(verdict.rungs.begin(), verdict.rungs.end(), [](const RungReport& r) { return r.ran && r.passed; });
  return verdict;
}

Result<Verdict> verify_models(const Model& unfolded, const Model& folded, const std::vector<SampleSet>& samples,
                              const VerifyOptions& options) {
  const FoldMap map = find_folds(unfolded, folded);
  if (const auto layers = read_layers(unfolded, map); layers && check_structure(unfolded, folded, *layers).passed)
    return verify_fold(unfolded, folded, map, samples, options);
  return end_to_end_only(unfolded, folded, samples, options);
}

Result<VerifiedFold> fold_and_verify(const Model& model, const FoldOptions& fold_options,
                                     const std::vector<SampleSet>& samples, const VerifyOptions& options) {
  PLEAT_ASSIGN(FoldResult folded, fold(model, fold_options));
  PLEAT_ASSIGN(Verdict verdict, verify_fold(model, folded.folded, folded.map, samples, options));
  return VerifiedFold{std::move(folded), std::move(verdict)};
}

}  // namespace pleat
