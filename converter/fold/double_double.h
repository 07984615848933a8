#pragma once

#include <bit>
#include <cmath>
#include <cstdint>

namespace pleat {

/// An unevaluated sum hi + lo with |lo| <= ulp(hi)/2: about 106 bits. Each operation below is within 16·2⁻¹⁰⁶ of the
/// exact result, relatively, as long as nothing under- or overflows (algorithms: Dekker 1971, Knuth; bounds: Joldes,
/// Muller and Popescu 2017). A result that is not finite has it in hi.
struct DoubleDouble {
  double hi = 0;
  double lo = 0;

  DoubleDouble() = default;
  DoubleDouble(double value) : hi(value) {}  // NOLINT: a double is one
  DoubleDouble(double high, double low) : hi(high), lo(low) {}
};

/// a + b exactly.
inline DoubleDouble two_sum(double a, double b) {
  const double sum = a + b;
  const double b_part = sum - a;
  return {sum, (a - (sum - b_part)) + (b - b_part)};
}

/// a + b exactly, where |a| >= |b| or a is 0.
inline DoubleDouble quick_two_sum(double a, double b) {
  const double sum = a + b;
  return {sum, b - (sum - a)};
}

/// a · b exactly, where the product's last bits do not underflow.
inline DoubleDouble two_prod(double a, double b) {
  const double product = a * b;
  return {product, std::fma(a, b, -product)};
}

inline DoubleDouble operator-(DoubleDouble a) { return {-a.hi, -a.lo}; }

inline DoubleDouble operator+(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble high = two_sum(a.hi, b.hi);
  if (!std::isfinite(high.hi)) return high.hi;
  const DoubleDouble low = two_sum(a.lo, b.lo);
  const DoubleDouble middle = quick_two_sum(high.hi, high.lo + low.hi);
  return quick_two_sum(middle.hi, middle.lo + low.lo);
}

inline DoubleDouble operator-(DoubleDouble a, DoubleDouble b) { return a + -b; }

inline DoubleDouble operator*(DoubleDouble a, DoubleDouble b) {
  const DoubleDouble product = two_prod(a.hi, b.hi);
  if (!std::isfinite(product.hi)) return product.hi;
  const double cross = std::fma(a.lo, b.hi, std::fma(a.hi, b.lo, a.lo * b.lo));
  return quick_two_sum(product.hi, product.lo + cross);
}

inline DoubleDouble operator/(DoubleDouble a, DoubleDouble b) {
  const double first = a.hi / b.hi;
  if (!std::isfinite(first)) return first;
  DoubleDouble rest = a - b * first;
  const double second = rest.hi / b.hi;
  rest = rest - b * second;
  const double third = rest.hi / b.hi;
  return quick_two_sum(first, second) + third;
}

/// One Newton step from the rounded root, the residue taken exactly.
inline DoubleDouble sqrt(DoubleDouble a) {
  const double root = std::sqrt(a.hi);
  if (root == 0 || !std::isfinite(root)) return root;
  const DoubleDouble residue = a - two_prod(root, root);
  return quick_two_sum(root, residue.hi / (2 * root));
}

inline DoubleDouble abs(DoubleDouble a) { return a.hi < 0 ? -a : a; }

/// hi + lo as a double rounded to odd: rounding this once more, to nearest, in a format at least two bits shorter
/// gives what rounding hi + lo there directly would give.
inline double round_to_odd(DoubleDouble a) {
  if (a.lo == 0 || !std::isfinite(a.hi)) return a.hi;
  const auto bits = std::bit_cast<std::uint64_t>(a.hi);
  if ((bits & 1) != 0) return a.hi;
  const bool away_from_zero = (a.hi > 0) == (a.lo > 0);
  return std::bit_cast<double>(away_from_zero ? bits + 1 : bits - 1);
}

}  // namespace pleat
