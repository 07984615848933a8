#include "converter/verify/constant_facts.h"

#include <algorithm>
#include <cmath>

namespace pleat {

double largest_magnitude(const Tensor& tensor) {
  double most = 0;
  for_each_value(tensor, [&](std::size_t, double value) {
    if (std::isfinite(value)) most = std::max(most, std::fabs(value));
  });
  return most;
}

double smallest_magnitude(const Tensor& tensor) {
  double least = HUGE_VAL;
  for_each_value(tensor, [&](std::size_t, double value) { least = std::min(least, std::fabs(value)); });
  return least;
}

RowFacts row_facts(const BoundedConstant& constant, int kept) {
  if (const auto known = constant.facts->find(kept); known != constant.facts->end()) return known->second;
  const Shape& shape = constant.tensor.shape();
  const auto rows = static_cast<std::size_t>(kept < 0 ? 1 : shape[kept]);
  const auto inner = static_cast<std::size_t>(kept < 0 ? shape.elements() : shape.elements(kept + 1, shape.rank()));
  std::vector<double> sums(rows, 0);
  std::vector<double> tiny(rows, 0);
  const double smallest = precision_of(constant.tensor.dtype()).smallest_normal;
  for_each_value(constant.tensor, [&](std::size_t i, double value) {
    const std::size_t row = i / inner % rows;
    const double magnitude = std::fabs(value);
    sums[row] += magnitude;
    if (constant.fresh && magnitude < smallest && (magnitude != 0 || !constant.zeros_are_exact)) tiny[row] += 1;
  });
  RowFacts facts;
  for (std::size_t row = 0; row < rows; ++row) {
    facts.sum = std::max(facts.sum, sums[row]);
    facts.tiny = std::max(facts.tiny, tiny[row]);
  }
  return constant.facts->emplace(kept, facts).first->second;
}

double storage_loss(DType dtype) {
  const Precision precision = precision_of(dtype);
  return dtype == DType::kFloat ? precision.smallest_normal : precision.half_subnormal;  // floats may be flushed
}

}  // namespace pleat
