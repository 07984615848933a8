#include "runtime/kernels/unary.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"
#include "tests/support/ulps.h"

namespace pleat {
namespace {

struct Case {
  const char* name;
  Unary function;
  double a, b;
  std::function<long double(long double)> exact;
  long double bound;  ///< in ulp of the result
  double low, high;
};

long double selu_exact(long double x) { return 1.05L * (x > 0 ? x : 1.67L * std::expm1(x)); }
long double clip_exact(long double x) { return std::fmin(std::fmax(x, -0.5L), 1.5L); }
long double hard_exact(long double x, long double a, long double b) { return std::fmax(0, std::fmin(1, a * x + b)); }
long double mish_exact(long double x) { return x * std::tanh(std::log1p(std::exp(x))); }
long double gelu_exact(long double x) { return x * std::erfc(-x * std::sqrt(0.5L)) / 2; }
long double shrink_exact(long double x) { return x < -0.5L ? x + 0.25L : x > 0.5L ? x - 0.25L : 0; }

/// Parameters are exact in float.
const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"abs", Unary::kAbs, 0, 0, [](long double x) { return std::fabs(x); }, 0, -1e30, 1e30},
      {"ceil", Unary::kCeil, 0, 0, [](long double x) { return std::ceil(x); }, 0, -1e5, 1e5},
      {"celu", Unary::kCelu, 2, 0, [](long double x) { return x > 0 ? x : 2 * std::expm1(x / 2); }, 2, -100, 100},
      {"clip", Unary::kClip, -0.5, 1.5, clip_exact, 0, -3, 3},
      {"elu", Unary::kElu, 0.5, 0, [](long double x) { return x < 0 ? 0.5L * std::expm1(x) : x; }, 2, -100, 100},
      {"erf", Unary::kErf, 0, 0, [](long double x) { return std::erf(x); }, 3, -7, 7},
      {"erf around 1", Unary::kErf, 0, 0, [](long double x) { return std::erf(x); }, 3, 0.5, 1.5},
      {"floor", Unary::kFloor, 0, 0, [](long double x) { return std::floor(x); }, 0, -1e5, 1e5},
      {"gelu", Unary::kGelu, 0, 0, gelu_exact, 7, -12, 12},
      {"hard_swish", Unary::kHardSwish, 0, 0, [](long double x) { return x * hard_exact(x, 1 / 6.0L, 0.5L); }, 2, -2,
       9},
      {"leaky_relu", Unary::kLeakyRelu, 0.25, 0, [](long double x) { return x < 0 ? x / 4 : x; }, 0, -9, 9},
      {"log", Unary::kLog, 0, 0, [](long double x) { return std::log(x); }, 1, 0, 1e30},
      {"log near 1", Unary::kLog, 0, 0, [](long double x) { return std::log(x); }, 1, 0.5, 2},
      {"log of denormals", Unary::kLog, 0, 0, [](long double x) { return std::log(x); }, 1, 0, 1e-38},
      {"mish", Unary::kMish, 0, 0, mish_exact, 4, -80, 80},
      {"reciprocal", Unary::kReciprocal, 0, 0, [](long double x) { return 1 / x; }, 0.5001L, 1e-3, 1e3},
      {"round", Unary::kRound, 0, 0, [](long double x) { return std::nearbyint(x); }, 0, -1e5, 1e5},
      {"selu", Unary::kSelu, 1.67, 1.05, selu_exact, 4, -100, 100},
      {"shrink", Unary::kShrink, 0.5, 0.25, shrink_exact, 0.5L, -2, 2},
      {"softplus", Unary::kSoftplus, 0, 0,
       [](long double x) { return std::fmax(x, 0) + std::log1p(std::exp(-std::fabs(x))); }, 3, -80, 80},
      {"softsign", Unary::kSoftsign, 0, 0, [](long double x) { return x / (1 + std::fabs(x)); }, 1.5L, -9, 9},
      {"sqrt", Unary::kSqrt, 0, 0, [](long double x) { return std::sqrt(x); }, 0.5001L, 0, 1e9},
      {"tanh", Unary::kTanh, 0, 0, [](long double x) { return std::tanh(x); }, 3, -25, 25},
      {"tanh near 0", Unary::kTanh, 0, 0, [](long double x) { return std::tanh(x); }, 3, -1, 1},
      {"thresholded_relu", Unary::kThresholdedRelu, 0.5, 0, [](long double x) { return x > 0.5L ? x : 0; }, 0, -2, 2},
  };
  return all;
}

template <class T>
T apply(Unary function, T x, double a = 0, double b = 0) {
  ThreadPool pool;
  T y = 0;
  unary(function, static_cast<T>(a), static_cast<T>(b), &x, &y, 1, pool);
  return y;
}

template <class T>
void check_bound(const Case& c) {
  SCOPED_TRACE(c.name);
  std::vector<T> x = random_values<T>(200000, 5, c.low, c.high);
  for (T value : random_values<T>(20000, 6, std::max(c.low, -1e-3), std::min(c.high, 1e-3)))
    if (c.low <= 0) x.push_back(value);
  std::vector<T> y(x.size());
  ThreadPool pool;
  unary(c.function, static_cast<T>(c.a), static_cast<T>(c.b), x.data(), y.data(), static_cast<std::int64_t>(x.size()),
        pool);
  long double worst = 0;
  T at = 0;
  const bool rounds_parameters = c.function == Unary::kSelu;
  for (std::size_t i = 0; i < x.size(); ++i) {
    long double exact = c.exact(x[i]);
    if (rounds_parameters) {
      const long double a = static_cast<T>(c.a), b = static_cast<T>(c.b);
      exact = b * (x[i] > 0 ? static_cast<long double>(x[i]) : a * std::expm1(static_cast<long double>(x[i])));
    }
    if (const long double error = ulps(y[i], exact); !(error <= worst)) worst = error, at = x[i];
  }
  testing::Test::RecordProperty(std::string("max_ulp ") + c.name, std::to_string(worst));
  EXPECT_LE(worst, c.bound) << "at " << at;
}

TEST(Unary, FloatIsWithinItsBound) {
  for (const Case& c : cases()) check_bound<float>(c);
}
TEST(Unary, DoubleIsWithinItsBound) {
  for (const Case& c : cases()) check_bound<double>(c);
}

/// Cancellation makes ulps of the result no measure here: the inner sum's rounding is scaled by the slope.
TEST(Unary, HardSigmoidRoundsOnce) {
  for (float x : random_values<float>(10000, 7, -4, 4))
    EXPECT_EQ(apply<float>(Unary::kHardSigmoid, x, 0.2F, 0.5),
              std::fmax(0.0F, std::fmin(1.0F, std::fma(0.2F, x, 0.5F))));
}

TEST(Unary, ErfIsWithinItsBoundForFloat) {
  float worst = 0;
  for (float x : random_values<float>(400000, 12, -4.5, 4.5))
    worst =
        std::fmax(worst, static_cast<float>(ulps(apply<float>(Unary::kErf, x), std::erf(static_cast<long double>(x)))));
  EXPECT_LE(worst, 1.0F);
}

constexpr float kRootTwo = 0x1.6a09e6p+0F, kRootHalf = 0x1.6a09e6p-1F, kCorrection = 0x1.9fcef4p-26F;

/// A quotient's mantissa depends on that of x alone.
TEST(Unary, GeluDividesByRootTwoAsADivisionDoes) {
  for (std::uint32_t mantissa = 0; mantissa < 1U << 23U; ++mantissa) {
    const float x = std::bit_cast<float>(0x3f800000U | mantissa);
    ASSERT_EQ(std::fma(x, kRootHalf, x * kCorrection), x / kRootTwo) << x;
  }
}

TEST(Unary, GeluByErfHasTheBitsOfItsSteps) {
  std::vector<float> x = random_values<float>(20000, 13, -7, 7);
  for (float value : random_values<float>(2000, 14, -1, 1))
    for (int exponent : {-149, -126, -100, -40, -24, -12, 5, 100, 127}) x.push_back(std::ldexp(value, exponent));
  x.insert(x.end(), {0.0F, -0.0F, INFINITY, -INFINITY, std::numeric_limits<float>::max(), 0x1p-126F});
  for_each_isa([&](Isa) {
    for (float v : x) {
      const float quotient_gate = apply<float>(Unary::kErf, v / kRootTwo) + 1;
      const float product_gate = apply<float>(Unary::kErf, v * kRootHalf) + 1;
      const auto expect = [&](Unary function, float correction, float steps) {
        const float y = apply<float>(function, v, kRootHalf, correction);
        if (std::isnan(steps))
          EXPECT_TRUE(std::isnan(y)) << v;
        else
          EXPECT_EQ(std::bit_cast<std::uint32_t>(y), std::bit_cast<std::uint32_t>(steps)) << v;
      };
      expect(Unary::kGeluHalvedLast, kCorrection, v * quotient_gate * 0.5F);
      expect(Unary::kGeluHalvedFirst, kCorrection, v * 0.5F * quotient_gate);
      expect(Unary::kGeluHalvedFirst, kCorrection, v * (quotient_gate * 0.5F));
      expect(Unary::kGeluHalvedLast, 0, v * product_gate * 0.5F);
      expect(Unary::kGeluHalvedFirst, 0, v * 0.5F * product_gate);
    }
  });
}

/// 1 + erf cancels towards -inf, so ulps of x are the measure.
TEST(Unary, GeluByErfIsWithinItsBound) {
  for (Unary function : {Unary::kGeluHalvedFirst, Unary::kGeluHalvedLast})
    for (float v : random_values<float>(100000, 15, -8, 8)) {
      const long double ulp_of_x = std::ldexp(1.0L, std::ilogb(v) - 23);
      EXPECT_LE(std::fabs(apply<float>(function, v, kRootHalf, kCorrection) - gelu_exact(v)), 2 * ulp_of_x) << v;
    }
}

TEST(Unary, GeluTanhIsTheFormula) {
  for (double x : random_values<double>(10000, 8, -9, 9)) {
    const long double v = x;
    const long double u = std::sqrt(2 / 3.14159265358979323846L) * (v + 0.044715L * v * v * v);
    const long double exact = v / (1 + std::exp(-2 * u));
    // The error of u is scaled by e^(2|u|)'s own sensitivity, 2|u|.
    EXPECT_LE(ulps(apply<double>(Unary::kGeluTanh, x), exact), 4 + 6 * std::fabs(u)) << x;
    EXPECT_LE(ulps(apply<float>(Unary::kGeluTanh, static_cast<float>(x)),
                   [&] {
                     const long double w = static_cast<float>(x);
                     return w /
                            (1 + std::exp(-2 * std::sqrt(2 / 3.14159265358979323846L) * (w + 0.044715L * w * w * w)));
                   }()),
              4 + 6 * std::fabs(u))
        << x;
  }
}

template <class T>
void check_edges() {
  const T inf = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  const T tiny = std::numeric_limits<T>::denorm_min(), largest = std::numeric_limits<T>::max();
  EXPECT_EQ(apply<T>(Unary::kLog, 0), -inf);
  EXPECT_EQ(apply<T>(Unary::kLog, -T(0)), -inf);
  EXPECT_EQ(apply<T>(Unary::kLog, inf), inf);
  EXPECT_EQ(apply<T>(Unary::kLog, 1), 0);
  EXPECT_TRUE(std::isnan(apply<T>(Unary::kLog, -1)));
  EXPECT_TRUE(std::isnan(apply<T>(Unary::kLog, -inf)));
  EXPECT_LE(ulps(apply<T>(Unary::kLog, tiny), std::log(static_cast<long double>(tiny))), 1);
  EXPECT_LE(ulps(apply<T>(Unary::kLog, largest), std::log(static_cast<long double>(largest))), 1);
  for (T sign : {T(1), T(-1)}) {
    EXPECT_EQ(apply<T>(Unary::kTanh, sign * inf), sign);
    EXPECT_EQ(apply<T>(Unary::kTanh, sign * largest), sign);
    EXPECT_EQ(apply<T>(Unary::kErf, sign * inf), sign);
    EXPECT_EQ(apply<T>(Unary::kErf, sign * largest), sign);
    EXPECT_EQ(apply<T>(Unary::kTanh, sign * tiny), sign * tiny);
    EXPECT_EQ(apply<T>(Unary::kSoftsign, sign * largest), sign);
    EXPECT_EQ(apply<T>(Unary::kElu, sign * tiny, 1), sign * tiny);
  }
  EXPECT_TRUE(std::signbit(apply<T>(Unary::kTanh, -T(0))));
  EXPECT_TRUE(std::signbit(apply<T>(Unary::kErf, -T(0))));
  EXPECT_EQ(apply<T>(Unary::kElu, -inf, 1), -1);
  EXPECT_EQ(apply<T>(Unary::kCelu, inf, 1), inf);
  EXPECT_EQ(apply<T>(Unary::kCelu, largest, T(0.5)), largest);
  EXPECT_EQ(apply<T>(Unary::kSoftplus, inf), inf);
  EXPECT_EQ(apply<T>(Unary::kSoftplus, -inf), 0);
  EXPECT_EQ(apply<T>(Unary::kMish, largest), largest);
  EXPECT_EQ(apply<T>(Unary::kGelu, inf), inf);
  EXPECT_EQ(apply<T>(Unary::kGelu, -largest), 0);
  EXPECT_EQ(apply<T>(Unary::kReciprocal, -T(0)), -inf);
  EXPECT_TRUE(std::isnan(apply<T>(Unary::kSqrt, -1)));
  EXPECT_EQ(apply<T>(Unary::kRound, T(2.5)), 2);
  EXPECT_EQ(apply<T>(Unary::kRound, T(-1.5)), -2);
  EXPECT_EQ(apply<T>(Unary::kSign, T(-3)), -1);
  EXPECT_EQ(apply<T>(Unary::kSign, 0), 0);
  EXPECT_EQ(apply<T>(Unary::kClip, 9, 5, 2), 2) << "the upper bound wins";
  for (const Case& c : cases()) {
    if (c.function == Unary::kThresholdedRelu || c.function == Unary::kShrink)
      EXPECT_EQ(apply<T>(c.function, nan, c.a, c.b), 0) << c.name;
    else
      EXPECT_TRUE(std::isnan(apply<T>(c.function, nan, c.a, c.b))) << c.name;
  }
}

TEST(Unary, Edges) {
  for_each_isa([](Isa) {
    check_edges<float>();
    check_edges<double>();
  });
}

template <class T>
void check_bits(const Case& c) {
  SCOPED_TRACE(c.name);
  const T inf = std::numeric_limits<T>::infinity();
  std::vector<T> x = {0,
                      -T(0),
                      inf,
                      -inf,
                      std::numeric_limits<T>::quiet_NaN(),
                      std::numeric_limits<T>::max(),
                      std::numeric_limits<T>::lowest(),
                      std::numeric_limits<T>::denorm_min(),
                      -std::numeric_limits<T>::denorm_min(),
                      T(0.5),
                      T(-0.5),
                      T(2.5),
                      T(1e-30),
                      T(-1e30)};
  for (T value : random_values<T>(9000, 21, -100, 100)) x.push_back(value);
  for (T value : random_values<T>(4001, 22, -2, 2)) x.push_back(value);
  std::vector<T> expected;
  for_each_isa([&](Isa isa) {
    for (int threads : {1, 2}) {
      ThreadPool pool(threads);
      std::vector<T> y(x.size());
      unary(c.function, static_cast<T>(c.a), static_cast<T>(c.b), x.data(), y.data(),
            static_cast<std::int64_t>(x.size()), pool);
      if (isa == Isa::kReference && threads == 1) expected = y;
      EXPECT_TRUE(same_bits(y, expected)) << threads << " threads";
    }
  });
}

TEST(Unary, SameBitsOnEveryInstructionSet) {
  for (const Case& c : cases()) {
    check_bits<float>(c);
    check_bits<double>(c);
  }
  const Case hard{"hard_sigmoid", Unary::kHardSigmoid, 0.2, 0.5, {}, 0, 0, 0};
  const Case gelu{"gelu_tanh", Unary::kGeluTanh, 0, 0, {}, 0, 0, 0};
  const Case first{"gelu, halved first", Unary::kGeluHalvedFirst, kRootHalf, kCorrection, {}, 0, 0, 0};
  const Case last{"gelu, halved last", Unary::kGeluHalvedLast, kRootHalf, kCorrection, {}, 0, 0, 0};
  for (const Case& c : {hard, gelu, first, last}) {
    check_bits<float>(c);
    check_bits<double>(c);
  }
}

}  // namespace
}  // namespace pleat
