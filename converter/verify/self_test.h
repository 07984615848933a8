#pragma once

#include "converter/verify/verify.h"

namespace pleat {

/// One way to get a fold wrong, tried on the verifier.
struct MutationResult {
  std::string name;         ///< "epsilon ignored (Conv)"
  std::string batch_norm;   ///< whose fold was corrupted; empty where it is not applicable
  bool applicable = false;  ///< false where the mistake would not change a value of this model
  bool caught = false;
  Rung rung = Rung::kParameters;  ///< the lowest rung that did not hold
  double parameters_ratio = 0;    ///< worst difference over bound on rungs 2 to 4; above 1 the rung caught it
  double algebra_ratio = 0;
  double rounding_ratio = 0;
};

struct SelfTestReport {
  bool passed = false;  ///< the right fold passes and every applicable mutation is caught
  bool right_fold_passes = false;
  std::vector<MutationResult> mutations;
};

/// Corrupts the fold of `unfolded` in every way known to have happened somewhere, one at a time, for each kind of layer
/// that took over a BatchNormalization, and verifies each. Mistakes in the exact values go unseen by rung 2 on purpose:
/// rung 3 must catch them, since nobody vouches for the folder. Needs a model with at least one fold.
Result<SelfTestReport> self_test(const Model& unfolded, const FoldResult& fold, const std::vector<SampleSet>& samples,
                                 const VerifyOptions& options = {}, const FoldOptions& fold_options = {});

}  // namespace pleat
