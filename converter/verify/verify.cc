#include "converter/verify/verify.h"

#include <algorithm>

#include "converter/fold/place.h"
#include "converter/fold/prepare.h"
#include "converter/verify/certificate.h"
#include "converter/verify/region_proofs.h"
#include "converter/verify/reproducer.h"
#include "converter/verify/structure.h"
#include "runtime/base/isa.h"
#include "runtime/graph/inline_functions.h"
#include "runtime/plan/plan.h"

namespace pleat {
namespace {

RungReport not_run(Rung rung, std::string why, bool excused = false) {
  RungReport report;
  report.rung = rung;
  report.excused = excused;
  report.text = std::move(why);
  return report;
}

/// One climb of the ladder.
class Climb {
 public:
  Climb(const Model& unfolded, const Model& folded, const ExactConstants* exact, const std::vector<SampleSet>& samples,
        const VerifyOptions& options)
      : unfolded_(unfolded), folded_(folded), exact_(exact), samples_(samples), options_(options) {}

  Result<Verdict> run() {
    verdict_.threads = options_.threads;
    verdict_.isa = std::string(isa_name(active_isa()));
    for (const SampleSet& set : samples_) verdict_.samples.push_back({set.name, set.seed, set.samples});
    difference_ = difference(unfolded_, folded_, {exact_ != nullptr, options_.freeze_inputs});
    verdict_.folds = difference_.batch_norms_gone;
    const auto strictness = exact_ != nullptr ? Strictness::kEverything : Strictness::kMeaning;
    verdict_.rungs.push_back(check_structure(unfolded_, folded_, difference_, options_.freeze_inputs, strictness));
    if (!verdict_.rungs.back().passed) {
      if (exact_ == nullptr && same_interface(unfolded_, folded_, options_.freeze_inputs))
        return end_to_end_only(verdict_.rungs.back().text);
      stop("not run: the structure differs");
      return std::move(verdict_);
    }
    verdict_.layers_checked = true;
    verdict_.rungs.push_back(check_parameters(difference_.regions, exact_));
    RegionProofs proofs(unfolded_, difference_.regions, exact_, options_);
    if (exact_ == nullptr && proofs.objection() != nullptr) return end_to_end_only(*proofs.objection());
    PLEAT_TRY(run_samples(&proofs));
    PLEAT_TRY(proofs.run_generated());
    for (RungReport& report : proofs.reports()) verdict_.rungs.push_back(std::move(report));
    verdict_.coverage = proofs.take_coverage();
    for (SampleRecord& record : proofs.generated()) verdict_.samples.push_back(std::move(record));
    add_end_to_end();
    judge();
    PLEAT_TRY(write_failure(proofs));
    return std::move(verdict_);
  }

 private:
  /// Both networks on all samples, the regions being compared on the way.
  Status run_samples(RegionProofs* proofs) {
    if (proofs != nullptr && !proofs->obstacle().empty()) {
      obstacle_ = "the network cannot be run here, there being no operator for " + proofs->obstacle();
    } else {
      auto made = EndToEnd::create(unfolded_, folded_, options_.threads, options_.end_to_end);
      if (made)
        end_to_end_ = std::move(*made);
      else if (Status excused = excuse(made.error()); !excused)
        return excused;
    }
    if (samples_.empty() && obstacle_.empty()) find_obstacle();
    std::int64_t total = 0;
    for (const SampleSet& set : samples_) total += set.batches;
    for (const SampleSet& set : samples_) {
      for (std::int64_t b = 0; b < set.batches; ++b) {
        auto status = run_batch(proofs, set, b);
        if (!status) status = excuse(status.error());
        if (!status) return fail(std::move(status).error().at("samples '" + set.name + "'"));
        ++batches_;
        if (options_.on_batch) options_.on_batch(batches_, total);
      }
    }
    return {};
  }

  Status run_batch(RegionProofs* proofs, const SampleSet& set, std::int64_t b) {
    if (stuck_) return {};
    PLEAT_ASSIGN(const NamedTensors inputs, set.batch(b));
    const std::set<std::string> nothing;
    NamedTensors own;
    if (proofs != nullptr) {
      PLEAT_ASSIGN(own, proofs->run(inputs, end_to_end_ ? end_to_end_->wanted() : nothing, set, b));
    }
    if (!end_to_end_) return {};
    Status compared = end_to_end_->compare(inputs, set, b, proofs != nullptr ? &own : nullptr);
    const bool runs = compared || proofs == nullptr || compared.error().code == ErrorCode::kUnsupported ||
                      compared.error().code == ErrorCode::kResource;
    if (runs) return compared;
    broken_ = "the folded network does not run where the unfolded one does: " + compared.error().text();
    end_to_end_.reset();
    return {};
  }

  /// A network that cannot be run here may be why there are no samples: none can be made up for it.
  void find_obstacle() {
    const auto plan = Plan::make(std::make_shared<const Model>(unfolded_));
    if (!plan && plan.error().code == ErrorCode::kUnsupported)
      obstacle_ = "the network cannot be run here: " + plan.error().text();
  }

  /// What the runtime cannot run speaks neither for nor against the fold.
  Status excuse(const Error& error) {
    if (error.code != ErrorCode::kUnsupported) return fail(error);
    obstacle_ = "the network cannot be run here: " + error.text();
    end_to_end_.reset();
    stuck_ = true;
    return {};
  }

  void add_end_to_end() {
    if (!obstacle_.empty()) {
      verdict_.rungs.push_back(not_run(Rung::kEndToEnd, obstacle_, true));
      verdict_.rungs.push_back(not_run(Rung::kClasses, obstacle_, true));
    } else if (!broken_.empty()) {
      RungReport report = not_run(Rung::kEndToEnd, broken_);
      report.ran = true;
      verdict_.rungs.push_back(std::move(report));
      verdict_.rungs.push_back(not_run(Rung::kClasses, broken_));
    } else if (batches_ == 0) {
      verdict_.rungs.push_back(not_run(Rung::kEndToEnd, "there are no samples"));
      verdict_.rungs.push_back(not_run(Rung::kClasses, "there are no samples"));
    } else {
      for (RungReport& report : end_to_end_->reports()) verdict_.rungs.push_back(std::move(report));
      end_to_end_->fill(verdict_);
    }
  }

  void judge() {
    const auto holds = [](const RungReport& rung) { return rung.holds(); };
    const auto ran = [&](Rung rung) { return verdict_.rung(rung).ran; };
    const bool proven = verdict_.layers_checked ? ran(Rung::kParameters) || ran(Rung::kAlgebra) || ran(Rung::kRounding)
                                                : ran(Rung::kEndToEnd) && ran(Rung::kClasses);
    verdict_.passed = std::ranges::all_of(verdict_.rungs, holds) && proven;
  }

  void stop(const std::string& why) {
    while (verdict_.rungs.size() < static_cast<std::size_t>(kRungs))
      verdict_.rungs.push_back(not_run(static_cast<Rung>(verdict_.rungs.size() + 1), why));
  }

  /// `why` may come from the rungs, which begin anew.
  Result<Verdict> end_to_end_only(std::string why) {
    verdict_.layers_checked = false;
    verdict_.rungs.clear();
    for (int rung = 1; rung < static_cast<int>(Rung::kEndToEnd); ++rung)
      verdict_.rungs.push_back(
          not_run(static_cast<Rung>(rung), "the models are not compared region by region: " + why, true));
    PLEAT_TRY(run_samples(nullptr));
    add_end_to_end();
    judge();
    return std::move(verdict_);
  }

  Status write_failure(RegionProofs& proofs) const {
    const RungReport* failed = verdict_.failure();
    if (options_.reproducer.empty() || failed == nullptr || !failed->first_failure) return {};
    PLEAT_ASSIGN(const auto golden, proofs.golden(failed->first_failure->tensor));
    if (!golden) return {};
    return write_reproducer(options_.reproducer, *golden->first, golden->second, *failed->first_failure);
  }

  const Model& unfolded_;
  const Model& folded_;
  const ExactConstants* exact_;
  const std::vector<SampleSet>& samples_;
  const VerifyOptions& options_;
  ModelDifference difference_;
  std::unique_ptr<EndToEnd> end_to_end_;
  std::string obstacle_, broken_;
  bool stuck_ = false;
  std::int64_t batches_ = 0;
  Verdict verdict_;
};

}  // namespace

Result<Model> as_compared(const Model& model, const VerifyOptions& options) {
  Model ready = model;
  if (!model.functions.empty()) {
    auto inlined = inline_functions(model);
    if (inlined)
      ready = std::move(*inlined);
    else if (inlined.error().code != ErrorCode::kUnsupported)
      return fail(std::move(inlined).error());
  }
  if (options.assume_inference) {
    unshare(ready.graph);
    assume_inference(ready.graph, ready.opset());
  }
  return ready;
}

Result<Verdict> verify_models(const Model& unfolded, const Model& folded, const ExactConstants* exact,
                              const std::vector<SampleSet>& samples, const VerifyOptions& options) {
  PLEAT_ASSIGN(const Model before, as_compared(unfolded, options));
  PLEAT_ASSIGN(const Model after, as_compared(folded, options));
  return Climb(before, after, exact, samples, options).run();
}

Result<VerifiedFold> fold_and_verify(const Model& model, const FoldOptions& fold_options,
                                     const std::vector<SampleSet>& samples, const VerifyOptions& options) {
  PLEAT_ASSIGN(FoldResult folded, fold(model, fold_options));
  VerifyOptions same = options;
  same.freeze_inputs = same.freeze_inputs || fold_options.freeze_inputs;
  same.assume_inference = same.assume_inference || fold_options.assume_inference;
  PLEAT_ASSIGN(Verdict verdict, verify_models(model, folded.folded, &folded.constants, samples, same));
  verdict.folds = folded.map.folded();
  return VerifiedFold{std::move(folded), std::move(verdict)};
}

}  // namespace pleat
