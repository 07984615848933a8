#include "runtime/tensor/half.h"

#include <cmath>
#include <limits>

namespace pleat {
namespace {

/// A 16-bit float with `Mantissa` stored bits and an exponent range that starts at `LeastExponent`.
template <int Mantissa, int LeastExponent>
struct Narrow {
  static constexpr int kExponentBits = 15 - Mantissa;
  static constexpr int kAllOnes = (1 << kExponentBits) - 1;
  static constexpr std::uint16_t kInfinity = kAllOnes << Mantissa;

  static double widen(std::uint16_t bits) {
    const int exponent = (bits >> Mantissa) & kAllOnes;
    const int fraction = bits & ((1 << Mantissa) - 1);
    double magnitude;
    if (exponent == kAllOnes)
      magnitude = fraction == 0 ? std::numeric_limits<double>::infinity() : std::numeric_limits<double>::quiet_NaN();
    else if (exponent == 0)
      magnitude = std::ldexp(fraction, LeastExponent - Mantissa);
    else
      magnitude = std::ldexp(fraction + (1 << Mantissa), exponent - 1 + LeastExponent - Mantissa);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }

  static std::uint16_t round(double value) {
    const std::uint16_t sign = std::signbit(value) ? 0x8000 : 0;
    const double magnitude = std::fabs(value);
    if (std::isnan(value)) return static_cast<std::uint16_t>(sign | kInfinity | (1 << (Mantissa - 1)));
    if (std::isinf(value)) return static_cast<std::uint16_t>(sign | kInfinity);
    if (magnitude == 0) return sign;
    int exponent = std::ilogb(magnitude);
    if (exponent < LeastExponent) exponent = LeastExponent;
    // Counting in units of the last place; the encoding is monotone, so a carry moves into the exponent by itself.
    const auto units = static_cast<long>(std::nearbyint(std::ldexp(magnitude, Mantissa - exponent)));
    const long encoded = units + (static_cast<long>(exponent - LeastExponent) << Mantissa);
    return static_cast<std::uint16_t>(sign | (encoded >= kInfinity ? kInfinity : encoded));
  }
};

using Half = Narrow<10, -14>;
using Bfloat16 = Narrow<7, -126>;

}  // namespace

double half_to_double(std::uint16_t bits) { return Half::widen(bits); }
double bfloat16_to_double(std::uint16_t bits) { return Bfloat16::widen(bits); }
std::uint16_t double_to_half(double value) { return Half::round(value); }
std::uint16_t double_to_bfloat16(double value) { return Bfloat16::round(value); }

}  // namespace pleat
