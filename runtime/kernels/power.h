#pragma once

#include <cmath>
#include <limits>

#include "runtime/kernels/elementary.h"

namespace pleat {

/// x^y with the special cases of C's pow; x·x for y = 2. For double it is the C library's, whose last bit may differ
/// between machines.
inline double power(double x, double y) { return y == 2 ? x * x : std::pow(x, y); }

/// As e^(y·ln|x|) in double, so within 0.51 ulp (measured by the tests), the same bits everywhere.
inline float power(float x, float y) {
  if (y == 2) return x * x;
  if (y == 0 || x == 1) return 1;
  const bool whole = std::trunc(y) == y;
  const bool odd = std::fabs(std::fmod(y, 2.0F)) == 1;
  if (x < 0 && !whole && !std::isinf(x)) return std::numeric_limits<float>::quiet_NaN();
  const double size = std::fabs(static_cast<double>(x));
  if (size == 1) return odd && x < 0 ? -1.0F : 1.0F;
  const ScalarOps<double> o;
  const auto result = static_cast<float>(reference::exp(o, static_cast<double>(y) * reference::log(o, size)));
  return odd && std::signbit(x) ? -result : result;
}

}  // namespace pleat
