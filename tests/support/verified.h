#pragma once

#include <cstdint>
#include <string>

#include "converter/fold/fold.h"

namespace pleat {

/// What the converter's verifier says against its own fold of `model`, which is known to be right: a false alarm.
/// Empty: the fold passes.
std::string false_alarm(const Model& model, const FoldOptions& options);

struct PlantedMistakes {
  std::int64_t applicable = 0;  ///< those that change a value
  std::int64_t caught = 0;
};

/// Mistakes in folding `model` that the self-test of the verifier plants and the verifier lets pass. Empty: none.
/// Adds to `planted` where it is not null.
std::string missed_mistakes(const Model& model, const FoldOptions& options, PlantedMistakes* planted = nullptr);

}  // namespace pleat
