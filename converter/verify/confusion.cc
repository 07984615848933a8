#include "converter/verify/confusion.h"

#include <algorithm>

#include "converter/verify/widen.h"

namespace pleat {
namespace {

/// The class named in each of `rows` rows, or nothing where the tensor is of another kind. `classes` is how many there
/// are, 0 where the tensor does not tell.
std::optional<std::vector<std::int64_t>> predictions(const Tensor& tensor, std::int64_t rows, std::int64_t& classes) {
  const Shape& shape = tensor.shape();
  if (shape.rank() == 0 || shape[0] != rows || rows == 0) return std::nullopt;
  const std::int64_t width = shape.elements() / rows;
  const bool scores = is_floating(tensor.dtype());
  if (scores ? width < 2 : width != 1) return std::nullopt;
  const auto values = to_doubles(tensor);
  if (!values) return std::nullopt;
  classes = scores ? width : 0;
  std::vector<std::int64_t> named;
  for (auto row = values->begin(); row != values->end(); row += width)
    named.push_back(scores ? std::max_element(row, row + width) - row : static_cast<std::int64_t>(*row));
  return named;
}

std::vector<std::int64_t> dense(const std::map<std::pair<std::int64_t, std::int64_t>, std::int64_t>& counts,
                                std::int64_t classes) {
  std::vector<std::int64_t> matrix(static_cast<std::size_t>(classes * classes), 0);
  for (const auto& [cell, count] : counts) matrix[static_cast<std::size_t>(cell.first * classes + cell.second)] = count;
  return matrix;
}

constexpr std::int64_t kMostClasses = 4096;

}  // namespace

void ConfusionCounter::see(const std::string& output, const SampleSet& samples, std::int64_t batch,
                           const Tensor& unfolded, const Tensor& folded) {
  if (samples.labels.empty() || unfolded.shape().rank() == 0) return;
  const std::int64_t rows = unfolded.shape()[0];
  const auto known = sets_.find(samples.name);
  const std::size_t first = known == sets_.end() || batch == 0 ? 0 : known->second.next;
  if (known != sets_.end() && known->second.output != output) return;
  if (first + static_cast<std::size_t>(rows) > samples.labels.size()) return;
  std::int64_t classes = 0, of_folded = 0;
  const auto a = predictions(unfolded, rows, classes), b = predictions(folded, rows, of_folded);
  if (!a || !b) return;
  const auto labels = samples.labels.begin() + static_cast<std::ptrdiff_t>(first);
  for (const auto& list : {*a, *b, std::vector<std::int64_t>(labels, labels + rows)}) {
    if (std::ranges::any_of(list, [](std::int64_t c) { return c < 0 || c >= kMostClasses; })) return;
    for (const std::int64_t c : list) classes = std::max(classes, c + 1);
  }
  if (known == sets_.end()) order_.push_back(samples.name);
  Counts& counts = sets_[samples.name];
  counts.output = output;
  counts.names = samples.class_names;
  counts.classes = std::max({counts.classes, classes, static_cast<std::int64_t>(samples.class_names.size())});
  counts.next = first + static_cast<std::size_t>(rows);
  for (std::size_t r = 0; r < a->size(); ++r) {
    const std::int64_t label = labels[static_cast<std::ptrdiff_t>(r)];
    ++counts.unfolded[{label, (*a)[r]}];
    ++counts.folded[{label, (*b)[r]}];
  }
}

std::vector<Confusion> ConfusionCounter::confusions() const {
  std::vector<Confusion> all;
  for (const std::string& set : order_) {
    const Counts& counts = sets_.at(set);
    Confusion confusion;
    confusion.output = counts.output;
    confusion.samples = set;
    confusion.names = counts.names;
    for (auto c = static_cast<std::int64_t>(confusion.names.size()); c < counts.classes; ++c)
      confusion.names.push_back(std::to_string(c));
    confusion.unfolded = dense(counts.unfolded, counts.classes);
    confusion.folded = dense(counts.folded, counts.classes);
    all.push_back(std::move(confusion));
  }
  return all;
}

}  // namespace pleat
