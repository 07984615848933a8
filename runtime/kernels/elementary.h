#pragma once

#include <bit>
#include <cmath>
#include <cstdint>
#include <type_traits>

namespace pleat {

/// Numbers of the exponential in T. 1.5·2^p pushes a value's rounded integer into its lowest bits; ln 2 is split so
/// that n·kLn2High is exact for every n in use.
template <class T>
struct ExpConstants;

template <>
struct ExpConstants<float> {
  static constexpr float kLowest = -104.0f;  // below: rounds to 0
  static constexpr float kHighest = 89.0f;   // above: infinite
  static constexpr float kLog2E = 0x1.715476p+0f;
  static constexpr float kRound = 0x1.8p+23f;
  static constexpr float kLn2High = 0x1.62e4p-1f;
  static constexpr float kLn2Low = 0x1.7f7d1cp-20f;
  static constexpr int kDegree = 7;
  static constexpr int kMantissa = 23;
  static constexpr std::int32_t kBias = 127;
};

template <>
struct ExpConstants<double> {
  static constexpr double kLowest = -746.0;
  static constexpr double kHighest = 710.0;
  static constexpr double kLog2E = 0x1.71547652b82fep+0;
  static constexpr double kRound = 0x1.8p+52;
  static constexpr double kLn2High = 0x1.62e42fefa3p-1;
  static constexpr double kLn2Low = 0x1.3de6af278ece6p-42;
  static constexpr int kDegree = 13;
  static constexpr int kMantissa = 52;
  static constexpr std::int64_t kBias = 1023;
};

/// 1/2!, 1/3! … 1/13!
inline constexpr double kInverseFactorials[] = {
    1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,        1.0 / 720,         1.0 / 5040,
    1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};

/// One value as a vector of one lane: what the reference computes with. The vector kernels bring an Ops of the same
/// members, so both follow one sequence of correctly rounded operations and give the same bits.
template <class T>
struct ScalarOps {
  using Value = T;
  using Element = T;
  using Int = std::conditional_t<sizeof(T) == 4, std::int32_t, std::int64_t>;
  using Unsigned = std::make_unsigned_t<Int>;

  T set(T value) const { return value; }
  T add(T a, T b) const { return a + b; }
  T sub(T a, T b) const { return a - b; }
  T mul(T a, T b) const { return a * b; }
  T div(T a, T b) const { return a / b; }
  T fma(T a, T b, T c) const { return std::fma(a, b, c); }
  T abs(T a) const { return std::fabs(a); }
  /// a < b ? yes : no; a NaN gives `no`.
  T if_less(T a, T b, T yes, T no) const { return a < b ? yes : no; }
  Int bits(T a) const { return std::bit_cast<Int>(a); }
  Int int_set(Int value) const { return value; }
  Int int_add(Int a, Int b) const { return static_cast<Int>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b)); }
  Int int_sub(Int a, Int b) const { return static_cast<Int>(static_cast<Unsigned>(a) - static_cast<Unsigned>(b)); }
  Int int_half(Int a) const { return a >> 1; }
  /// Bits moved up into the exponent field, read as a value.
  template <int kShift>
  T from_exponent(Int a) const {
    return std::bit_cast<T>(static_cast<Int>(static_cast<Unsigned>(a) << kShift));
  }
};

/// exp(ops, x) and sigmoid(ops, x), one value at a time.
namespace reference {
#include "runtime/kernels/elementary_sequences.h"
}  // namespace reference

}  // namespace pleat
