#pragma once

#include <string>
#include <vector>

#include "tests/converter/cases/case.h"

namespace pleat {

/// What folding made of one case.
struct Examination {
  std::string got;                    ///< one phrase for each BatchNormalization: "y folded F32", "y kept F39"
  std::vector<std::string> problems;  ///< nothing: the expected verdict is met and the fold is right
};

/// Folds `model`, which `row_case` drew, and judges it by the expectation and by objections().
Examination examine(const RowCase& row_case, const Model& model);

}  // namespace pleat
