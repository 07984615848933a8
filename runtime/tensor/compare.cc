#include "runtime/tensor/compare.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace pleat {
namespace {

template <class Float, class Int>
Int ordered(Float value) {
  const Int bits = std::bit_cast<Int>(value);
  return bits < 0 ? std::numeric_limits<Int>::min() - bits : bits;
}

template <class Float, class Int>
std::int64_t steps(Float a, Float b) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b) ? 0 : kMost;
  const __int128 distance = static_cast<__int128>(ordered<Float, Int>(a)) - ordered<Float, Int>(b);
  const __int128 magnitude = distance < 0 ? -distance : distance;
  return magnitude > kMost ? kMost : static_cast<std::int64_t>(magnitude);
}

Tensor borrowed(const TensorView& view) { return Tensor::view_of(view.dtype, *view.shape, nullptr, view.data); }

Status require_alike(const TensorView& a, const TensorView& b) {
  if (a.dtype == b.dtype && *a.shape == *b.shape) return {};
  return fail(Error::invalid("tensors of different type or shape cannot be compared")
                  .expect(std::string(dtype_name(b.dtype)) + b.shape->text())
                  .saw(std::string(dtype_name(a.dtype)) + a.shape->text()));
}

bool same_class(double x, double y) {
  if (std::isnan(x) || std::isnan(y)) return std::isnan(x) && std::isnan(y);
  return std::isinf(x) || std::isinf(y) ? x == y : true;
}

}  // namespace

std::int64_t ulp_distance(float a, float b) { return steps<float, std::int32_t>(a, b); }
std::int64_t ulp_distance(double a, double b) { return steps<double, std::int64_t>(a, b); }

Result<Difference> compare(const TensorView& a, const TensorView& b) {
  PLEAT_TRY(require_alike(a, b));
  PLEAT_ASSIGN(const auto x, to_doubles(borrowed(a)));
  PLEAT_ASSIGN(const auto y, to_doubles(borrowed(b)));
  Difference d;
  d.same_bits = a.bytes() == 0 || std::memcmp(a.data, b.data, a.bytes()) == 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!same_class(x[i], y[i])) ++d.class_mismatches;
    if (a.dtype == DType::kFloat)
      d.max_ulp = std::max(d.max_ulp, ulp_distance(a.as<float>()[i], b.as<float>()[i]));
    else if (a.dtype == DType::kDouble)
      d.max_ulp = std::max(d.max_ulp, ulp_distance(x[i], y[i]));
    if (!std::isfinite(x[i]) || !std::isfinite(y[i])) continue;
    const double apart = std::fabs(x[i] - y[i]);
    if (d.worst < 0 || apart > d.max_abs) {
      d.max_abs = apart;
      d.worst = static_cast<std::int64_t>(i);
    }
    if (y[i] != 0) d.max_rel = std::max(d.max_rel, apart / std::fabs(y[i]));
  }
  return d;
}

Result<bool> all_close(const TensorView& a, const TensorView& b, double rtol, double atol) {
  PLEAT_TRY(require_alike(a, b));
  PLEAT_ASSIGN(const auto x, to_doubles(borrowed(a)));
  PLEAT_ASSIGN(const auto y, to_doubles(borrowed(b)));
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (!same_class(x[i], y[i])) return false;
    if (std::isfinite(y[i]) && !(std::fabs(x[i] - y[i]) <= atol + rtol * std::fabs(y[i]))) return false;
  }
  return true;
}

Result<std::int64_t> argmax_agreement(const TensorView& a, const TensorView& b) {
  PLEAT_TRY(require_alike(a, b));
  PLEAT_ASSIGN(const auto x, to_doubles(borrowed(a)));
  PLEAT_ASSIGN(const auto y, to_doubles(borrowed(b)));
  const int rank = a.shape->rank();
  const std::int64_t width = rank == 0 ? 1 : (*a.shape)[rank - 1];
  std::int64_t agreeing = 0;
  for (auto row = 0L; width > 0 && row < static_cast<long>(x.size()); row += width) {
    const auto largest = [&](const std::vector<double>& v) {
      return std::max_element(v.begin() + row, v.begin() + row + width) - v.begin();
    };
    agreeing += largest(x) == largest(y) ? 1 : 0;
  }
  return agreeing;
}

}  // namespace pleat
