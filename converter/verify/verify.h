#pragma once

#include <cstdint>
#include <functional>

#include "converter/fold/fold.h"
#include "converter/verify/samples.h"
#include "converter/verify/verdict.h"

namespace pleat {

struct VerifyOptions {
  int threads = 1;
  std::function<void(std::int64_t done, std::int64_t of)> on_batch = {};  ///< after each batch of samples; may be empty
};

/// Climbs the ladder for a fold and its map. Fails closed: a rung that could not be run has not passed. An error is
/// returned only where nothing could be judged (a model that does not run, samples that do not fit); it means
/// "not verified". Models of float and double only.
Result<Verdict> verify_fold(const Model& unfolded, const Model& folded, const FoldMap& map,
                            const std::vector<SampleSet>& samples, const VerifyOptions& options = {});

/// The same for any two models with the same inputs and outputs. Where the second is the first with
/// BatchNormalizations folded, in whatever way the names of the outputs of BatchNormalizations still tell, all rungs
/// are run, else only the last.
Result<Verdict> verify_models(const Model& unfolded, const Model& folded, const std::vector<SampleSet>& samples,
                              const VerifyOptions& options = {});

/// Which BatchNormalizations of `unfolded` were folded in `folded`, told by the two models alone.
FoldMap find_folds(const Model& unfolded, const Model& folded);

struct VerifiedFold {
  FoldResult fold;
  Verdict verdict;
};

/// Folds, then verifies. The result may be written only where verdict.passed.
Result<VerifiedFold> fold_and_verify(const Model& model, const FoldOptions& fold_options,
                                     const std::vector<SampleSet>& samples, const VerifyOptions& options = {});

}  // namespace pleat
