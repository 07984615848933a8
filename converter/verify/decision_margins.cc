#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <span>

#include "converter/verify/decisions.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::infinity();

double to_half_step(double x) { return std::fabs(x - (std::floor(x) + 0.5)); }

/// Truncation jumps at every whole number but 0.
double to_truncation_step(double x) { return std::fabs(x) < 1 ? 1 - std::fabs(x) : std::fabs(x - std::nearbyint(x)); }

bool is_comparison(const Node& node) {
  return node.is("Equal") || node.is("Greater") || node.is("GreaterOrEqual") || node.is("Less") ||
         node.is("LessOrEqual");
}

/// Flat index into `from` of element `flat` of the shape that `from` is broadcast to.
std::size_t broadcast_index(std::int64_t flat, const Shape& to, const Shape& from) {
  const std::vector<std::int64_t> strides = from.strides();
  std::int64_t index = 0;
  for (int axis = to.rank() - 1; axis >= 0; --axis) {
    const std::int64_t at = flat % to[axis];
    flat /= to[axis];
    const int own = axis - (to.rank() - from.rank());
    if (own >= 0 && from[own] != 1) index += at * strides[static_cast<std::size_t>(own)];
  }
  return static_cast<std::size_t>(index);
}

std::span<const double> doubles(const Tensor& tensor) {
  return tensor.dtype() == DType::kDouble ? tensor.data<double>() : std::span<const double>{};
}

/// Counts one node's decisions in one run.
class Count {
 public:
  explicit Count(const DecisionCase& one) : one_(one), attributes_(one.node) {
    count_.smallest_margin = kUnknown;
    count_.tolerance = one.tolerance;
  }

  DecisionCount take() {
    const Node& node = one_.node;
    const bool known = !one_.inputs.empty() && one_.inputs[0].dtype() == DType::kDouble;
    if (!known || one_.unfolded.shape() != one_.folded.shape() || node.is("NonZero"))
      whole(known);
    else if (node.is("ArgMax") || node.is("ArgMin"))
      winners(attributes_.integer("axis", 0));
    else if (node.is("Hardmax"))
      one_hot();
    else if (node.is("TopK"))
      ranks();
    else if (is_comparison(node))
      comparisons();
    else if (node.is("QuantizeLinear"))
      quantized();
    else if (one_.unfolded.shape() == one_.inputs[0].shape() && !node.is("DynamicQuantizeLinear"))
      values();
    else
      whole(true);
    return count_;
  }

 private:
  void decide(bool flipped, double margin) {
    ++count_.decisions;
    if (std::isnan(margin)) margin = kUnknown;
    const bool close = margin <= count_.tolerance;
    count_.close += close ? 1 : 0;
    count_.flipped += flipped ? 1 : 0;
    count_.unexplained += flipped && !close ? 1 : 0;
    count_.smallest_margin = std::min(count_.smallest_margin, margin);
  }

  bool flipped(std::size_t element) const {
    const std::size_t size = size_of(one_.unfolded.dtype());
    const auto a = one_.unfolded.bytes().subspan(element * size, size);
    const auto b = one_.folded.bytes().subspan(element * size, size);
    return !std::ranges::equal(a, b);
  }
  bool any_flipped() const {
    return one_.unfolded.shape() != one_.folded.shape() ||
           !std::ranges::equal(one_.unfolded.bytes(), one_.folded.bytes());
  }

  /// The output as one decision. NonZero's border is 0; of other operators the margin is not known, and a flip is
  /// explained since their inputs are compared by themselves.
  void whole(bool known) {
    const bool flip = any_flipped();
    double margin = flip && known ? 0 : kUnknown;
    if (one_.node.is("NonZero") && known) {
      margin = kUnknown;
      for (const double x : doubles(one_.inputs[0])) margin = std::min(margin, std::fabs(x));
    }
    decide(flip, margin);
  }

  double distance(double x) {
    const Node& node = one_.node;
    if (node.is("Floor") || node.is("Ceil")) return std::fabs(x - std::nearbyint(x));
    if (node.is("Round")) return to_half_step(x);
    if (node.is("ThresholdedRelu")) return std::fabs(x - attributes_.number("alpha", 1));
    if (node.is("Shrink")) return std::fabs(std::fabs(x) - attributes_.number("lambd", 0.5F));
    if (node.is("Cast") && one_.unfolded.dtype() != DType::kBool) return to_truncation_step(x);
    return std::fabs(x);
  }

  void values() {
    const auto x = doubles(one_.inputs[0]);
    for (std::size_t i = 0; i < x.size(); ++i) decide(flipped(i), distance(x[i]));
  }

  void comparisons() {
    const Tensor& a = one_.inputs[0];
    const Tensor& b = one_.inputs[1];
    const auto x = doubles(a), y = doubles(b);
    const Shape& shape = one_.unfolded.shape();
    if (x.empty() || y.empty()) return whole(true);
    for (std::int64_t i = 0; i < shape.elements(); ++i)
      decide(flipped(static_cast<std::size_t>(i)),
             std::fabs(x[broadcast_index(i, shape, a.shape())] - y[broadcast_index(i, shape, b.shape())]));
  }

  /// Borders lie half way between the steps that the type can hold.
  void quantized() {
    const bool sign = one_.unfolded.dtype() == DType::kInt8 || one_.unfolded.dtype() == DType::kInt16;
    const int bits = 8 * static_cast<int>(size_of(one_.unfolded.dtype()));
    const double lowest = sign ? -std::ldexp(1, bits - 1) : 0, highest = lowest + std::ldexp(1, bits) - 1;
    const Shape& shape = one_.inputs[0].shape();
    const auto x = doubles(one_.inputs[0]), scale = doubles(one_.inputs[1]);
    const bool has_zero = one_.inputs.size() > 2 && one_.inputs[2].present();
    const auto zero = has_zero ? to_doubles(one_.inputs[2]) : Result<std::vector<double>>(std::vector<double>{0});
    const auto axis = normalize_axis(attributes_.integer("axis", 1), std::max(2, shape.rank()));
    if (scale.empty() || !zero || zero->empty() || !axis) return whole(true);
    const bool per_axis =
        scale.size() > 1 && *axis < shape.rank() && scale.size() == static_cast<std::size_t>(shape[*axis]);
    if (scale.size() > 1 && !per_axis) return whole(true);
    const std::int64_t inner = per_axis ? shape.elements(*axis + 1, shape.rank()) : 1;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const std::size_t channel =
          per_axis ? static_cast<std::size_t>(static_cast<std::int64_t>(i) / inner % shape[*axis]) : 0;
      const double offset = (*zero)[std::min(channel, zero->size() - 1)];
      const double step = x[i] / scale[channel];
      const double border = std::clamp(std::floor(step) + 0.5, lowest - offset + 0.5, highest - offset - 0.5);
      decide(flipped(i), std::fabs(step - border) * std::fabs(scale[channel]));
    }
  }

  /// The values that compete, as [outer, size, inner].
  struct Field {
    std::span<const double> values;
    std::int64_t outer = 1, size = 1, inner = 1;

    double at(std::int64_t o, std::int64_t k, std::int64_t i) const {
      return values[static_cast<std::size_t>((o * size + k) * inner + i)];
    }
  };

  std::optional<Field> field(std::int64_t wanted_axis) const {
    const Shape& shape = one_.inputs[0].shape();
    const auto axis = normalize_axis(wanted_axis, shape.rank());
    if (!axis || shape.elements() == 0) return std::nullopt;
    return Field{doubles(one_.inputs[0]), shape.elements(0, *axis), shape[*axis],
                 shape.elements(*axis + 1, shape.rank())};
  }

  /// By how much the best of a row leads, or how far two places lie apart.
  static double lead(const Field& field, std::int64_t o, std::int64_t i, double sign) {
    double best = -kUnknown, second = -kUnknown;
    for (std::int64_t k = 0; k < field.size; ++k) {
      const double value = sign * field.at(o, k, i);
      if (value > best)
        second = std::exchange(best, value);
      else
        second = std::max(second, value);
    }
    return best - second;
  }
  static double apart(const Field& field, std::int64_t o, std::int64_t i, std::int64_t a, std::int64_t b) {
    const bool inside = std::min(a, b) >= 0 && std::max(a, b) < field.size;
    return inside ? std::fabs(field.at(o, a, i) - field.at(o, b, i)) : kUnknown;
  }

  void winners(std::int64_t axis) {
    const auto rows = field(axis);
    if (!rows || one_.unfolded.dtype() != DType::kInt64 || one_.unfolded.elements() != rows->outer * rows->inner)
      return whole(true);
    count_.tolerance = 2 * one_.tolerance;
    const auto a = one_.unfolded.data<std::int64_t>(), b = one_.folded.data<std::int64_t>();
    for (std::int64_t o = 0; o < rows->outer; ++o)
      for (std::int64_t i = 0; i < rows->inner; ++i) {
        const auto at = static_cast<std::size_t>(o * rows->inner + i);
        const bool flip = a[at] != b[at];
        decide(flip, flip ? apart(*rows, o, i, a[at], b[at]) : lead(*rows, o, i, one_.node.is("ArgMin") ? -1 : 1));
      }
  }

  /// Hardmax: before opset 13 everything from `axis` on competes.
  void one_hot() {
    const Shape& shape = one_.inputs[0].shape();
    const auto axis = normalize_axis(attributes_.integer("axis", one_.opset < 13 ? 1 : -1), std::max(1, shape.rank()));
    if (!axis || shape.elements() == 0) return whole(true);
    Field rows{doubles(one_.inputs[0]), shape.elements(0, *axis), shape[*axis],
               shape.elements(*axis + 1, shape.rank())};
    if (one_.opset < 13) rows.size *= std::exchange(rows.inner, 1);
    const auto a = to_doubles(one_.unfolded), b = to_doubles(one_.folded);
    if (!a || !b) return whole(true);
    count_.tolerance = 2 * one_.tolerance;
    const Field ones_a{*a, rows.outer, rows.size, rows.inner}, ones_b{*b, rows.outer, rows.size, rows.inner};
    const auto winner = [&](const Field& ones, std::int64_t o, std::int64_t i) {
      for (std::int64_t k = 0; k < ones.size; ++k)
        if (ones.at(o, k, i) == 1) return k;
      return std::int64_t{-1};
    };
    for (std::int64_t o = 0; o < rows.outer; ++o)
      for (std::int64_t i = 0; i < rows.inner; ++i) {
        const std::int64_t of_a = winner(ones_a, o, i), of_b = winner(ones_b, o, i);
        decide(of_a != of_b, of_a != of_b ? apart(rows, o, i, of_a, of_b) : lead(rows, o, i, 1));
      }
  }

  /// TopK: each place is a decision between its holder and the next in rank.
  void ranks() {
    const auto rows = field(attributes_.integer("axis", -1));
    if (!rows || one_.unfolded.dtype() != DType::kInt64) return whole(true);
    count_.tolerance = 2 * one_.tolerance;
    const double sign = attributes_.integer("largest", 1) != 0 ? 1 : -1;
    const std::int64_t places = one_.unfolded.elements() / (rows->outer * rows->inner);
    const auto a = one_.unfolded.data<std::int64_t>(), b = one_.folded.data<std::int64_t>();
    std::vector<double> sorted(static_cast<std::size_t>(rows->size));
    for (std::int64_t o = 0; o < rows->outer; ++o)
      for (std::int64_t i = 0; i < rows->inner; ++i) {
        for (std::int64_t k = 0; k < rows->size; ++k) sorted[static_cast<std::size_t>(k)] = sign * rows->at(o, k, i);
        std::ranges::sort(sorted, std::greater<>());
        for (std::int64_t place = 0; place < places; ++place) {
          const auto at = static_cast<std::size_t>((o * places + place) * rows->inner + i);
          const auto rank = static_cast<std::size_t>(place);
          const bool flip = a[at] != b[at];
          const double gap = rank + 1 < sorted.size() ? sorted[rank] - sorted[rank + 1] : kUnknown;
          decide(flip, flip ? apart(*rows, o, i, a[at], b[at]) : gap);
        }
      }
  }

  const DecisionCase& one_;
  AttributeReader attributes_;
  DecisionCount count_;
};

}  // namespace

DecisionCount count_decisions(const DecisionCase& one) { return Count(one).take(); }

}  // namespace pleat
