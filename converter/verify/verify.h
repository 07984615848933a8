#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "converter/fold/fold.h"
#include "converter/verify/end_to_end.h"
#include "converter/verify/samples.h"
#include "converter/verify/verdict.h"

namespace pleat {

struct VerifyOptions {
  int threads = 1;
  std::function<void(std::int64_t done, std::int64_t of)> on_batch = {};  ///< after each batch of samples; may be empty
  EndToEndOptions end_to_end = {};
  std::uint64_t region_seed = 20240301;  ///< of the inputs generated for each region
  std::string reproducer = {};           ///< folder to write the first failing region to; empty for none
  bool freeze_inputs = false;            ///< initializers that are graph inputs too count as constants (FoldOptions)
  bool assume_inference = false;  ///< BatchNormalizations in training mode are taken as if exported for inference
};

/// Climbs the ladder for two models of which `folded` claims to be a rewrite of `unfolded`. Where they differ is told
/// by the two alone; whoever rewrote is not trusted in anything. `exact` (may be null) says what the new constants are
/// before rounding: with it rung 2 can be judged and rung 3 has no storage error to allow for; rung 3 proves those
/// values, too.
///
/// Fails closed: a rung that could not be run has not passed, but for rungs 5 and 6 where the network as a whole cannot
/// be run here; the regions are then proven on generated inputs alone. Models of other makers (`exact` null) that share
/// no values to cut at, or differ where no bound is known, are compared end to end only (`layers_checked` false).
/// An error is returned only where nothing could be judged: samples that do not fit, a lack of memory.
Result<Verdict> verify_models(const Model& unfolded, const Model& folded, const ExactConstants* exact,
                              const std::vector<SampleSet>& samples, const VerifyOptions& options = {});

/// A model as verify_models compares and runs it: functions in line, and BatchNormalizations in inference mode where
/// `assume_inference` says so. Samples are best generated for this one.
Result<Model> as_compared(const Model& model, const VerifyOptions& options);

/// What the constants of `folded` are before rounding, if it is what fold() makes of `unfolded` in all but, perhaps,
/// their values; else nothing.
Result<std::optional<ExactConstants>> recognize(const Model& unfolded, const Model& folded, const FoldOptions& options);

struct VerifiedFold {
  FoldResult fold;
  Verdict verdict;
};

/// Folds, then verifies. The result may be written only where verdict.passed.
Result<VerifiedFold> fold_and_verify(const Model& model, const FoldOptions& fold_options,
                                     const std::vector<SampleSet>& samples, const VerifyOptions& options = {});

}  // namespace pleat
