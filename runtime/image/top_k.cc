#include "runtime/image/top_k.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace pleat {
namespace {

Error not_finite(std::size_t index, double value) {
  return Error::invalid("a score is not a finite number")
      .saw(std::to_string(value) + " for class " + std::to_string(index))
      .fix("check the model's weights and the input for NaN and overflow");
}

}  // namespace

Result<std::vector<double>> softmax(std::span<const float> logits) {
  double largest = -HUGE_VAL;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    if (std::isnan(logits[i]) || logits[i] == HUGE_VALF) return fail(not_finite(i, logits[i]));
    largest = std::max(largest, static_cast<double>(logits[i]));
  }
  if (largest == -HUGE_VAL) return fail(Error::invalid("no class has a finite score"));
  std::vector<double> out(logits.size());
  double sum = 0;
  for (std::size_t i = 0; i < out.size(); ++i) sum += out[i] = std::exp(logits[i] - largest);
  for (double& p : out) p /= sum;
  return out;
}

Result<std::vector<Score>> top_k(std::span<const float> scores, bool are_probabilities,
                                 std::span<const std::string> labels, std::size_t k) {
  if (!labels.empty() && labels.size() != scores.size())
    return fail(Error::invalid("as many labels as classes are needed, or none")
                    .expect(std::to_string(scores.size()))
                    .saw(std::to_string(labels.size())));
  std::vector<double> values(scores.begin(), scores.end());
  for (std::size_t i = 0; i < values.size(); ++i)
    if (are_probabilities && !std::isfinite(values[i])) return fail(not_finite(i, values[i]));
  if (!are_probabilities) {
    PLEAT_ASSIGN(values, softmax(scores));
  }
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  k = std::min(k, order.size());
  // By the scores themselves: probabilities may round to equals what the logits tell apart.
  std::partial_sort(
      order.begin(), order.begin() + static_cast<std::ptrdiff_t>(k), order.end(),
      [&](std::size_t a, std::size_t b) { return scores[a] != scores[b] ? scores[a] > scores[b] : a < b; });
  std::vector<Score> best;
  for (std::size_t i = 0; i < k; ++i)
    best.push_back({static_cast<std::int64_t>(order[i]), values[order[i]], labels.empty() ? "" : labels[order[i]]});
  return best;
}

Result<std::vector<std::string>> labels_of(const Model& model) {
  const std::string* text = model.metadata("pleat.labels");
  if (text == nullptr) return std::vector<std::string>{};
  const auto list = nlohmann::json::parse(*text, nullptr, /*allow_exceptions=*/false);
  const auto is_text = [](const nlohmann::json& label) { return label.is_string(); };
  if (!list.is_array() || !std::all_of(list.begin(), list.end(), is_text))
    return fail(Error::invalid("not a JSON list of texts").at("metadata 'pleat.labels'"));
  return list.get<std::vector<std::string>>();
}

}  // namespace pleat
