#include "runtime/kernels/trigonometric.h"

#include <cmath>
#include <cstddef>

namespace pleat {
namespace {

using Uint128 = unsigned __int128;
using Int128 = __int128;

/// π/2 in three parts, each the nearest double to what the ones before leave.
constexpr double kHalfPi[] = {0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;

/// 64 zeros, then the first 1216 bits of 2/π behind the point.
constexpr std::uint64_t kTwoOverPiBits[] = {0,
                                            0xa2f9836e4e441529,
                                            0xfc2757d1f534ddc0,
                                            0xdb6295993c439041,
                                            0xfe5163abdebbc561,
                                            0xb7246e3a424dd2e0,
                                            0x06492eea09d1921c,
                                            0xfe1deb1cb129a73e,
                                            0xe88235f52ebb4484,
                                            0xe99c7026b45f7e41,
                                            0x3991d639835339f4,
                                            0x9c845f8bbdf9283b,
                                            0x1ff897ffde05980f,
                                            0xef2f118b5a0a6d1f,
                                            0x6d367ecf27cb09b7,
                                            0x4f463f669e5fea2d,
                                            0x7527bac7ebe5f17b,
                                            0x3d0739f78a5292ea,
                                            0x6bfb5fb11f8d5d08,
                                            0x56033046fc7b6bab};

/// x = (quadrant + 4k)·π/2 + rest + low, |rest| ≤ π/4 and low below half an ulp of it.
struct Angle {
  unsigned quadrant;
  double rest, low;
};

/// For |x| < 2^20, where x - n·kHalfPi[0] is exact.
Angle reduce_small(double x) {
  const double n = std::nearbyint(x * kTwoOverPi);
  const double first = std::fma(-n, kHalfPi[0], x);
  const double second = -n * kHalfPi[1];
  const double rest = first + second;
  const double taken = rest - first;
  const double rounding = (first - (rest - taken)) + (second - taken);
  const double low = std::fma(-n, kHalfPi[2], rounding + std::fma(-n, kHalfPi[1], -second));
  return {static_cast<unsigned>(static_cast<std::int64_t>(n)) % 4, rest, low};
}

std::uint64_t bits_from(int position) {
  const int word = position / 64, shift = position % 64;
  if (shift == 0) return kTwoOverPiBits[word];
  return kTwoOverPiBits[word] << shift | kTwoOverPiBits[word + 1] >> (64 - shift);
}

/// For finite |x| ≥ 2^20, x = m·2^e: m times those 192 bits of 2/π that decide x·2/π modulo 4 (Payne and Hanek, 1983).
Angle reduce_large(double x) {
  int exponent = 0;
  const double mantissa = std::frexp(std::fabs(x), &exponent);
  const auto m = static_cast<std::uint64_t>(std::ldexp(mantissa, 53));
  const int start = exponent - 53 - 2 + 64;
  const Uint128 low = Uint128{m} * bits_from(start + 128);
  const Uint128 middle = Uint128{m} * bits_from(start + 64) + (low >> 64);
  const std::uint64_t high = m * bits_from(start) + static_cast<std::uint64_t>(middle >> 64);

  const auto upper = high << 2 | static_cast<std::uint64_t>(middle) >> 62;
  const auto lower = static_cast<std::uint64_t>(middle) << 2 | static_cast<std::uint64_t>(low) >> 62;
  auto fraction = static_cast<Int128>(Uint128{upper} << 64 | lower);
  auto quadrant = static_cast<unsigned>(high >> 62);
  if (fraction < 0) ++quadrant;  // what is above one half counts from the next quadrant down
  if (x < 0) fraction = -fraction, quadrant = 0U - quadrant;

  const auto coarse = static_cast<double>(fraction);
  const double f = std::ldexp(coarse, -128);
  const double g = std::ldexp(static_cast<double>(fraction - static_cast<Int128>(coarse)), -128);
  const double rest = f * kHalfPi[0];
  const double rounding = std::fma(f, kHalfPi[0], -rest);
  return {quadrant % 4, rest, rounding + std::fma(f, kHalfPi[1], g * kHalfPi[0])};
}

Angle reduce(double x) { return std::fabs(x) < 1048576 ? reduce_small(x) : reduce_large(x); }

/// 1/3!, -1/5!, 1/7! … and 1/4!, -1/6!, 1/8! …: the series of r - sin r over r³ and of cos r - 1 + r²/2 over r⁴, in r²,
/// truncated where the rest is below 0.1 ulp.
constexpr double kSine[] = {1.0 / 6,        -1.0 / 120,        1.0 / 5040,          -1.0 / 362880,
                            1.0 / 39916800, -1.0 / 6227020800, 1.0 / 1307674368000, -1.0 / 355687428096000};
constexpr double kCosine[] = {1.0 / 24,        -1.0 / 720,         1.0 / 40320,         -1.0 / 3628800,
                              1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000};

template <std::size_t count>
double polynomial(const double (&factors)[count], double z) {
  double sum = factors[count - 1];
  for (std::size_t i = count - 1; i-- > 0;) sum = std::fma(sum, z, factors[i]);
  return sum;
}

double sine_of_rest(const Angle& angle) {
  const double r = angle.rest, z = r * r;
  const double correction = std::fma(-0.5 * z, angle.low, angle.low);
  return r + std::fma(r * z, -polynomial(kSine, z), correction);
}

double cosine_of_rest(const Angle& angle) {
  const double z = angle.rest * angle.rest, half = 0.5 * z;
  const double near = 1 - half;
  return near + ((1 - near - half) + std::fma(z * z, polynomial(kCosine, z), -angle.rest * angle.low));
}

double quarter(const Angle& angle, unsigned turn) {
  const unsigned quadrant = (angle.quadrant + turn) % 4;
  const double value = quadrant % 2 == 0 ? sine_of_rest(angle) : cosine_of_rest(angle);
  return quadrant < 2 ? value : -value;
}

/// Elements worth another thread.
constexpr std::int64_t kGrain = 1024;

template <class T>
void split(double (*function)(double), const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  pool.parallel_for(count, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) y[i] = static_cast<T>(function(x[i]));
  });
}

}  // namespace

double sine(double x) {
  if (!std::isfinite(x)) return x - x;
  return x == 0 ? x : quarter(reduce(x), 0);
}

double cosine(double x) { return std::isfinite(x) ? quarter(reduce(x), 1) : x - x; }

template <class T>
void sine(const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  split<T>(static_cast<double (*)(double)>(sine), x, y, count, pool);
}
template <class T>
void cosine(const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  split<T>(static_cast<double (*)(double)>(cosine), x, y, count, pool);
}

template void sine(const float*, float*, std::int64_t, ThreadPool&);
template void sine(const double*, double*, std::int64_t, ThreadPool&);
template void cosine(const float*, float*, std::int64_t, ThreadPool&);
template void cosine(const double*, double*, std::int64_t, ThreadPool&);

}  // namespace pleat
