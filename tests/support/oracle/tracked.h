#pragma once

#include <algorithm>
#include <cmath>

namespace pleat {

/// A double that carries a bound on how far it may lie from what exact arithmetic gives (running error analysis,
/// Higham, Accuracy and Stability of Numerical Algorithms, §3.3). Second-order terms are kept.
struct Tracked {
  double value = 0;
  double error = 0;

  Tracked() = default;
  Tracked(double v) : value(v) {}  // NOLINT(google-explicit-constructor): numbers are exact
  Tracked(double v, double e) : value(v), error(e) {}
};

inline constexpr double kHalfUlp = 0x1p-53;
inline constexpr double kTiny = 0x1p-1074;

inline Tracked rounded(double value, double error) { return {value, error + kHalfUlp * std::fabs(value) + kTiny}; }
inline Tracked operator+(const Tracked& a, const Tracked& b) {
  if (a.value == 0 && a.error == 0) return b;
  if (b.value == 0 && b.error == 0) return a;
  return rounded(a.value + b.value, a.error + b.error);
}
inline Tracked operator-(const Tracked& a) { return {-a.value, a.error}; }
inline Tracked operator-(const Tracked& a, const Tracked& b) { return a + -b; }
inline Tracked operator*(const Tracked& a, const Tracked& b) {
  if (a.value == 1 && a.error == 0) return b;
  if (b.value == 1 && b.error == 0) return a;
  return rounded(a.value * b.value, std::fabs(a.value) * b.error + std::fabs(b.value) * a.error + a.error * b.error);
}
inline Tracked operator/(const Tracked& a, const Tracked& b) {
  const double quotient = a.value / b.value;
  if (a.error == 0 && b.error == 0) return rounded(quotient, 0);
  return rounded(quotient, (a.error + std::fabs(quotient) * b.error) / std::max(std::fabs(b.value) - b.error, 0.0));
}
inline Tracked& operator+=(Tracked& a, const Tracked& b) { return a = a + b; }
inline Tracked square_root(const Tracked& a) {
  const double root = std::sqrt(a.value);
  if (a.error == 0) return rounded(root, 0);
  return rounded(root, a.error / (root + std::sqrt(std::max(a.value - a.error, 0.0))));
}

/// Whether two computations of one thing may both be right. Values that are not finite must be alike.
inline bool agree(const Tracked& a, const Tracked& b) {
  if (!std::isfinite(a.value) || !std::isfinite(b.value))
    return a.value == b.value || (std::isnan(a.value) && std::isnan(b.value));
  const double allowed = (a.error + b.error) * (1 + 0x1p-20);  // the bounds themselves are rounded
  return std::fabs(a.value - b.value) <= allowed;
}

}  // namespace pleat
