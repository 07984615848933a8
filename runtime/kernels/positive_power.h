#pragma once

#include <cstdint>

#include "runtime/kernels/elementary.h"

namespace pleat {

/// x^exponent for x ≥ 0 by e^(exponent·ln x) in double: relative error near |exponent·ln x|·2^-53. 0 for x = 0.
inline double positive_power(double x, double exponent) {
  if (x == 0) return 0;
  const ScalarOps<double> ops;
  return reference::exp(ops, exponent * reference::log(ops, x));
}

/// x^exponent for exponent ≥ 1 by squaring and multiplying, each step rounded to T.
template <class T>
T whole_power(T x, std::int64_t exponent) {
  T power{1};
  for (; exponent > 0; exponent /= 2, x *= x)
    if (exponent % 2 != 0) power *= x;
  return power;
}

}  // namespace pleat
