#pragma once

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <type_traits>

namespace pleat {

/// 1/2!, 1/3! … 1/13!
inline constexpr double kInverseFactorials[] = {
    1.0 / 2,       1.0 / 6,        1.0 / 24,        1.0 / 120,        1.0 / 720,         1.0 / 5040,
    1.0 / 40320.0, 1.0 / 362880.0, 1.0 / 3628800.0, 1.0 / 39916800.0, 1.0 / 479001600.0, 1.0 / 6227020800.0};

/// Numbers of the exponential in T. 1.5·2^p pushes a value's rounded integer into its lowest bits; ln 2 is split so
/// that n·kLn2High is exact for every n in use. kRest is the polynomial of (e^r - 1 - r) / r², |r| ≤ ln 2 / 2, lowest
/// power first, off by less than 0.1 ulp of e^r: it interpolates at the Chebyshev points for float and is Taylor's for
/// double. 2^(n + kLift) is normal for each n ≤ 0 in use.
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
  static constexpr float kRest[] = {0.5f, 0x1.5554dcp-3f, 0x1.555518p-5f, 0x1.120be2p-7f, 0x1.6d117cp-10f};
  static constexpr int kMantissa = 23;
  static constexpr std::int32_t kBias = 127;
  static constexpr std::int32_t kLift = 32;
};

template <>
struct ExpConstants<double> {
  static constexpr double kLowest = -746.0;
  static constexpr double kHighest = 710.0;
  static constexpr double kLog2E = 0x1.71547652b82fep+0;
  static constexpr double kRound = 0x1.8p+52;
  static constexpr double kLn2High = 0x1.62e42fefa3p-1;
  static constexpr double kLn2Low = 0x1.3de6af278ece6p-42;
  static constexpr const auto& kRest = kInverseFactorials;
  static constexpr int kMantissa = 52;
  static constexpr std::int64_t kBias = 1023;
  static constexpr std::int64_t kLift = 64;
};

/// The polynomial of e^-r that follows from kRest, lowest power first.
template <class T>
inline constexpr auto kExpOfMinus = [] {
  constexpr std::size_t kTerms = std::size(ExpConstants<T>::kRest);
  std::array<T, kTerms + 2> terms = {1, -1};
  for (std::size_t i = 0; i < kTerms; ++i)
    terms[i + 2] = static_cast<T>(i % 2 == 0 ? ExpConstants<T>::kRest[i] : -ExpConstants<T>::kRest[i]);
  return terms;
}();

/// Numbers of e^-x for float in eighths of a power of two: -x = m·ln 2 / 8 + r. kPowers holds the bits of 2^(j/8) less
/// j in the place of m, twice, so that m shifted there gives those of 2^(m/8). The polynomial of e^-r is minimax for
/// |r| ≤ ln 2 / 16, off by less than 0.5·2^-24.
struct FloatEighths {
  static constexpr float kLowest = -0x1.62e43p+6f;  ///< of x: m = 1024, whose power is infinite
  static constexpr float kPerLn2 = 0x1.715476p+3f;
  static constexpr float kLn2 = 0x1.62e43p-4f;
  static constexpr int kShift = ExpConstants<float>::kMantissa - 3;
  static constexpr float kExpOfMinus[] = {1, -1, 0x1.00087ep-1f, -0x1.555d86p-3f};
  static constexpr std::int32_t kPowers[16] = {0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7, 0x3f7504f3, 0x3f75672a,
                                               0x3f7744fd, 0x3f7ac0c7, 0x3f800000, 0x3f7b95c2, 0x3f7837f0, 0x3f75fed7,
                                               0x3f7504f3, 0x3f75672a, 0x3f7744fd, 0x3f7ac0c7};
};

/// 2/3, 2/5, 2/7 … of the series of the logarithm.
inline constexpr double kTwoOverOdd[] = {2.0 / 3,  2.0 / 5,  2.0 / 7,  2.0 / 9,  2.0 / 11,
                                         2.0 / 13, 2.0 / 15, 2.0 / 17, 2.0 / 19, 2.0 / 21};

/// Numbers of erf for float, in size = |x|, which kPieces pieces cover: piece 0 from 0 on, the others of equal widths.
/// size·kScale + kStart is 1 + (piece + fraction) / kPieces. In a piece erf is base + t·p(t) with t = size - kNode and
/// base the larger of kBase and t, which is t in piece 0 alone; p's terms are kTerms, lowest power first. Nodes lie
/// where erf is near a float, terms are minimax in erf's relative error, off by less than 0.3 ulp. From kLargest on erf
/// is 1 in float.
struct FloatErfConstants {
  static constexpr int kPieceBits = 4;
  static constexpr int kPieces = 1 << kPieceBits;
  static constexpr float kLargest = 0x1.f5d2f2p+1f;
  static constexpr float kScale = 0x1.04a836p-2f;
  static constexpr float kStart = 0x1.007dacp+0f;
  static constexpr float kNode[kPieces] = {0x0.00000p+0f,  0x1.71b982p-2f, 0x1.367b34p-1f, 0x1.b4601p-1f,
                                           0x1.188db6p+0f, 0x1.5818ecp+0f, 0x1.96c932p+0f, 0x1.d5df56p+0f,
                                           0x1.0a6ccep+1f, 0x1.295a92p+1f, 0x1.489324p+1f, 0x1.6836b6p+1f,
                                           0x1.88147ap+1f, 0x1.a8069cp+1f, 0x1.c77a5p+1f,  0x1.e6dfc2p+1f};
  static constexpr float kBase[kPieces] = {0x0.00000p+0f,  0x1.8fbf92p-2f, 0x1.37bf5ep-1f, 0x1.8b3984p-1f,
                                           0x1.c1f526p-1f, 0x1.e2a76p-1f,  0x1.f36406p-1f, 0x1.fb2ab6p-1f,
                                           0x1.fe56cap-1f, 0x1.ff7a7cp-1f, 0x1.ffdae4p-1f, 0x1.fff6f6p-1f,
                                           0x1.fffe1p-1f,  0x1.ffffa2p-1f, 0x1.fffffp-1f,  0x1.fffffep-1f};
  static constexpr float kTerms[][kPieces] = {
      {0x1.06eba6p-3f, 0x1.fb1e2p-1f, 0x1.8ff6dep-1f, 0x1.176a56p-1f, 0x1.5ba96cp-2f, 0x1.7b727p-3f, 0x1.720986p-4f,
       0x1.3e41c2p-5f, 0x1.e5b128p-7f, 0x1.4f1b9ap-8f, 0x1.96aa6p-10f, 0x1.ae2ad6p-12f, 0x1.8e555ap-14f,
       0x1.44846ap-16f, 0x1.dfd096p-19f, 0x1.3b68bep-21f},
      {0x1.2cdab6p-18f, -0x1.6e31d6p-2f, -0x1.e51458p-2f, -0x1.dc49a6p-2f, -0x1.7d0214p-2f, -0x1.fe07dcp-3f,
       -0x1.25ffc8p-3f, -0x1.2412a2p-4f, -0x1.f9780ep-6f, -0x1.853b2cp-7f, -0x1.04f5e6p-8f, -0x1.2e9b14p-10f,
       -0x1.30f9a8p-12f, -0x1.0ca964p-14f, -0x1.190dap-16f, -0x1.59f58ep-17f},
      {-0x1.814f2ep-2f, -0x1.f3dd36p-3f, -0x1.1a2b3ep-4f, 0x1.515c9ap-4f, 0x1.44f468p-3f, 0x1.4a8cfcp-3f,
       0x1.f38b5ap-4f, 0x1.3059e8p-4f, 0x1.363b6ep-5f, 0x1.117f7p-6f, 0x1.9cc3dap-8f, 0x1.09fbdcp-9f, 0x1.26c76p-11f,
       0x1.1af87ep-13f, 0x1.b3a764p-16f, -0x1.30701ap-21f},
      {0x1.af8388p-10f, 0x1.4c5c56p-3f, 0x1.6c53fcp-3f, 0x1.ea2d2ap-4f, 0x1.32024ep-5f, -0x1.9976aep-6f,
       -0x1.8f08dcp-5f, -0x1.6af038p-5f, -0x1.dda042p-6f, -0x1.fbaf68p-7f, -0x1.be319ep-8f, -0x1.479822p-9f,
       -0x1.9728cp-11f, -0x1.b14216p-13f, 0x1.d4b11ap-13f, 0x1.195e4ap-11f},
      {0x1.b568a8p-4f, 0x1.97d56p-5f, -0x1.6c4f8p-6f, -0x1.09cd86p-4f, -0x1.0422cp-4f, -0x1.1e0444p-5f, -0x1.70ad52p-8f,
       0x1.4b4574p-7f, 0x1.a49104p-7f, 0x1.302af6p-7f, 0x1.489536p-8f, 0x1.1cbea6p-9f, 0x1.9a2954p-11f, 0x1.f3a0ap-13f,
       0x1.e5c14ap-12f, 0x1.b0cf9cp-11f}};
};

/// Numbers of the error function in T: the Taylor series of erf around 0 to the power 2·kSeries + 1, and a polynomial
/// for erfcx(x)/t, erfcx(x) = e^(x²)·erfc(x), in u = t - 7/16 with t = 1 / (1 + x/2), lowest power first. It
/// interpolates at the Chebyshev points of 0.5 ≤ x ≤ kLargest, beyond which erfc is 0 in T.
template <class T>
struct ErfConstants;

template <>
struct ErfConstants<float> {
  static constexpr int kSeries = 6;
  static constexpr float kLargest = 11.0f;
  static constexpr float kTail[] = {0x1.e144d2p-2f,  0x1.3d029cp-1f, 0x1.0e42d0p-1f, 0x1.7969a6p-3f,  -0x1.1348aap-3f,
                                    -0x1.144e9ap-3f, 0x1.0d2ddap-4f, 0x1.659fa4p-4f, -0x1.ac59fcp-5f, -0x1.e41d42p-6f};
};

template <>
struct ErfConstants<double> {
  static constexpr int kSeries = 12;
  static constexpr double kLargest = 28.0;
  static constexpr double kTail[] = {
      0x1.e144d0fea7ee3p-2,  0x1.3d029aa657601p-1, 0x1.0e42d9bbc2505p-1,  0x1.796d851a5f98dp-3,  -0x1.1355cded5a7bfp-3,
      -0x1.14f55e6252c50p-3, 0x1.10cd8c2dcef69p-4, 0x1.7acff23f810d6p-4,  -0x1.0e0c2fcc7a290p-4, -0x1.e6eb2a29f151ap-5,
      0x1.4fe36bf02d24ap-4,  0x1.236310c46c36fp-6, -0x1.7cede53161872p-4, 0x1.53a1b2b08d147p-5,  0x1.2b3d6b7ae477bp-4,
      -0x1.b591f838c6006p-4, 0x1.109c23c8453e6p-8, 0x1.183f14e4954c0p-3,  -0x1.0fea96a493301p-3, -0x1.6dff44ec70679p-4,
      0x1.d69dbb0315f72p-3,  0x1.13ea025e13393p-7, -0x1.59ad06ad76fc9p-3};
};

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
  T sqrt(T a) const { return std::sqrt(a); }
  T abs(T a) const { return std::fabs(a); }
  T copy_sign(T magnitude, T sign) const { return std::copysign(magnitude, sign); }
  T floor(T a) const { return std::floor(a); }
  T ceil(T a) const { return std::ceil(a); }
  T nearest_even(T a) const { return std::nearbyint(a); }
  /// a < b ? yes : no; a NaN gives `no`.
  T if_less(T a, T b, T yes, T no) const { return a < b ? yes : no; }
  /// x < least ? least : x and most < x ? most : x; a NaN stays.
  T at_least(T x, T least) const { return x < least ? least : x; }
  T at_most(T x, T most) const { return most < x ? most : x; }
  T negative_size(T a) const { return -std::fabs(a); }
  Int bits(T a) const { return std::bit_cast<Int>(a); }
  Int int_set(Int value) const { return value; }
  Int int_add(Int a, Int b) const { return static_cast<Int>(static_cast<Unsigned>(a) + static_cast<Unsigned>(b)); }
  Int int_sub(Int a, Int b) const { return static_cast<Int>(static_cast<Unsigned>(a) - static_cast<Unsigned>(b)); }
  Int int_half(Int a) const { return a >> 1; }
  template <int kShift>
  Int int_shift_right(Int a) const {
    return a >> kShift;
  }
  /// table[the lowest four bits of index]
  T pick(const T (&table)[16], Int index) const { return table[static_cast<std::size_t>(index & 15)]; }
  /// table[the lowest three bits of index]; the table holds its eight values twice.
  Int pick_of_eight(const Int (&table)[16], Int index) const { return table[static_cast<std::size_t>(index & 7)]; }
  template <int kShift>
  Int int_shift_left(Int a) const {
    return static_cast<Int>(static_cast<Unsigned>(a) << kShift);
  }
  T from_bits(Int a) const { return std::bit_cast<T>(a); }
  /// Bits moved up into the exponent field, read as a value.
  template <int kShift>
  T from_exponent(Int a) const {
    return std::bit_cast<T>(static_cast<Int>(static_cast<Unsigned>(a) << kShift));
  }
};

/// exp(ops, x), sigmoid(ops, x), log(ops, x), erf(ops, x) …, one value at a time.
namespace reference {
#include "runtime/kernels/elementary_sequences.h"
#include "runtime/kernels/error_function_sequences.h"
#include "runtime/kernels/logarithm_sequences.h"
}  // namespace reference

}  // namespace pleat
