#include "converter/verify/value_figures.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "converter/verify/unit_roundoff.h"
#include "converter/verify/widen.h"
#include "runtime/tensor/compare.h"

namespace pleat {
namespace {

constexpr double kErrors = 4;  ///< times e_U
constexpr double kNoise = 8;   ///< times σ

bool same_class(double a, double b) {
  if (std::isfinite(a) && std::isfinite(b)) return true;
  return (std::isnan(a) && std::isnan(b)) || a == b;
}

constexpr double kLargestFloat = 0x1.fffffep127;

/// One unit in the last place of `value` in its own type.
double last_place(double value, bool in_float) {
  const double size = std::fabs(value);
  if (in_float) {
    const auto narrow = static_cast<float>(size);
    return static_cast<double>(std::nextafter(narrow, HUGE_VALF)) - static_cast<double>(narrow);
  }
  return std::nextafter(size, HUGE_VAL) - size;
}

}  // namespace

ValueFigures::ValueFigures(std::string output, std::string samples) {
  figures_.output = std::move(output);
  figures_.samples = std::move(samples);
}

Finding ValueFigures::finding(const char* what, std::size_t element, double unfolded, double folded,
                              double truth) const {
  Finding found{what, "", "", figures_.output, figures_.samples, batch_};
  found.element = static_cast<std::int64_t>(element);
  found.unfolded = unfolded;
  found.folded = folded;
  found.reference = truth;
  return found;
}

Status ValueFigures::begin(const Tensor& unfolded, const Tensor& folded, const Tensor& truth, std::int64_t batch) {
  batch_ = batch;
  overflows_ = false;
  if (folded.shape() != unfolded.shape() || truth.shape() != unfolded.shape() || folded.dtype() != unfolded.dtype())
    return fail(Error::check_failed("the networks give different shapes or types")
                    .at("value '" + figures_.output + "'")
                    .expect(std::string(dtype_name(unfolded.dtype())) + unfolded.shape().text())
                    .saw(std::string(dtype_name(folded.dtype())) + folded.shape().text()));
  figures_.compared += folded.elements();
  if (!is_floating(folded.dtype())) {
    compare_bits(unfolded, folded);
    return {};
  }
  unit_roundoff_ = unit_roundoff(folded.dtype());
  PLEAT_ASSIGN(unfolded_, to_doubles(unfolded));
  PLEAT_ASSIGN(folded_, to_doubles(folded));
  PLEAT_ASSIGN(truth_, to_doubles(truth));
  for (std::size_t i = 0; i < truth_.size() && !overflows_; ++i)
    overflows_ = !same_class(unfolded_[i], folded_[i]) && std::isfinite(truth_[i]);
  return {};
}

void ValueFigures::compare_bits(const Tensor& unfolded, const Tensor& folded) {
  const std::size_t size = size_of(folded.dtype());
  const auto a = unfolded.bytes(), b = folded.bytes();
  for (std::size_t i = 0; size > 0 && i * size < a.size(); ++i) {
    if (std::ranges::equal(a.subspan(i * size, size), b.subspan(i * size, size))) continue;
    ++figures_.class_mismatches;
    if (!class_failure_) class_failure_ = finding("a whole number differs", i, 0, 0, 0);
  }
}

void ValueFigures::compare_classes(std::size_t i, const std::vector<double>* folded_in_double) {
  if (same_class(unfolded_[i], folded_[i])) return;
  const bool only_in_float =
      std::isfinite(truth_[i]) && folded_in_double != nullptr && std::isfinite((*folded_in_double)[i]);
  if (only_in_float) {
    ++overflow_order_;
    // Beyond the range of float no finite value is right either: what sums that overflowed left is not judged.
    const bool beyond = unit_roundoff_ > 0x1p-53 && std::fabs(truth_[i]) > kLargestFloat;
    if (beyond || !std::isfinite(folded_[i])) folded_[i] = (*folded_in_double)[i];
    return;
  }
  ++figures_.class_mismatches;
  if (!class_failure_)
    class_failure_ = finding("NaN or infinity on one side only", i, unfolded_[i], folded_[i], truth_[i]);
}

void ValueFigures::measure(double last_bound, const Tensor* folded_in_double) {
  std::optional<std::vector<double>> wide;
  if (folded_in_double != nullptr)
    if (auto values = to_doubles(*folded_in_double); values && values->size() == truth_.size())
      wide = std::move(*values);
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    compare_classes(i, wide ? &*wide : nullptr);
    const double u = std::fabs(unfolded_[i] - truth_[i]), f = std::fabs(folded_[i] - truth_[i]);
    if (std::isfinite(u)) figures_.unfolded_error = std::max(figures_.unfolded_error, u);
    if (!std::isfinite(f) || (worst_.element >= 0 && f <= figures_.folded_error)) continue;
    figures_.folded_error = f;
    worst_ = finding("network output", i, unfolded_[i], folded_[i], truth_[i]);
  }
  figures_.last_bound = std::max(figures_.last_bound, last_bound);
  allow();
}

void ValueFigures::add_noise(std::span<const double> mean_squares, int roundings) {
  double most = 0;
  for (std::size_t i = 0; i < truth_.size() && i < mean_squares.size(); ++i) {
    if (!std::isfinite(truth_[i])) continue;
    const double rounding = unit_roundoff_ * truth_[i];
    most = std::max(most, mean_squares[i] + rounding * rounding * roundings / 3);
  }
  figures_.noise = std::max(figures_.noise, std::sqrt(most));
  allow();
}

void ValueFigures::allow() {
  figures_.allowed = std::max(kErrors * figures_.unfolded_error + figures_.last_bound, kNoise * figures_.noise);
}

void ValueFigures::end() {
  for (std::size_t i = 0; i < truth_.size(); ++i) {
    const double f = std::fabs(folded_[i] - truth_[i]);
    if (std::isfinite(f)) figures_.ratios.add(f == 0 ? 0 : f / figures_.allowed);
  }
  for (auto* values : {&unfolded_, &folded_, &truth_}) *values = {};
}

void ValueFigures::differ(const Tensor& unfolded, const Tensor& folded, const std::optional<PlainTolerance>& plain,
                          std::int64_t batch) {
  batch_ = batch;
  const Shape& shape = unfolded.shape();
  if (shape.rank() > 0 && shape[shape.rank() - 1] > 0) figures_.rows += shape.elements(0, shape.rank() - 1);
  if (folded.shape() != shape || folded.dtype() != unfolded.dtype()) {
    if (plain && !plain_failure_) plain_failure_ = finding("another shape", 0, 0, 0, 0);
    return;
  }
  if (const auto agree = argmax_agreement(folded.view(), unfolded.view())) figures_.argmax_agree += *agree;
  const auto a = to_doubles(unfolded), b = to_doubles(folded);
  if (!a || !b) return;
  const bool in_float = folded.dtype() != DType::kDouble;
  for (std::size_t i = 0; i < a->size(); ++i) {
    const double u = (*a)[i], f = (*b)[i];
    if (plain && !plain_failure_ && !plain->agrees(f, u, in_float))
      plain_failure_ = finding("beyond the given tolerance", i, u, f, u);
    const double apart = std::fabs(f - u);
    if (!std::isfinite(apart)) continue;
    ++differences_;
    sum_of_differences_ += apart;
    figures_.max_abs_difference = std::max(figures_.max_abs_difference, apart);
    if (apart > 0 && is_floating(folded.dtype()))
      figures_.max_ulp_difference = std::max(figures_.max_ulp_difference, apart / last_place(u, in_float));
  }
  figures_.mean_abs_difference = differences_ == 0 ? 0 : sum_of_differences_ / static_cast<double>(differences_);
}

}  // namespace pleat
