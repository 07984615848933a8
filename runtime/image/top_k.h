#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

struct Score {
  std::int64_t index = 0;
  double score = 0;
  std::string label;  ///< empty where the model names none
};

/// exp(x - max) / sum of them, in double. Minus infinity gives 0; NaN, plus infinity and nothing finite are refused.
Result<std::vector<double>> softmax(std::span<const float> logits);

/// The k best classes, best first, equals by lower index; fewer where there are fewer. `scores` are logits, turned into
/// probabilities by softmax, unless `are_probabilities`.
Result<std::vector<Score>> top_k(std::span<const float> scores, bool are_probabilities,
                                 std::span<const std::string> labels, std::size_t k = 5);

/// The metadata "pleat.labels", a JSON list of texts; empty where the model has none.
Result<std::vector<std::string>> labels_of(const Model& model);

}  // namespace pleat
