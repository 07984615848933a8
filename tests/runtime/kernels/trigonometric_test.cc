#include "runtime/kernels/trigonometric.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tests/support/random_values.h"
#include "tests/support/ulps.h"

namespace pleat {
namespace {

TEST(Trigonometric, DoubleIsWithinOneUlp) {
  long double worst = 0;
  for (double reach : {1e-3, 1.0, 10.0, 1e3, 1e6, 1e9, 1e15})
    for (double x : random_values<double>(40000, 3, -reach, reach)) {
      worst = std::max(worst, ulps(sine(x), std::sin(static_cast<long double>(x))));
      worst = std::max(worst, ulps(cosine(x), std::cos(static_cast<long double>(x))));
    }
  RecordProperty("max_ulp", std::to_string(worst));
  EXPECT_LE(worst, 1);
  EXPECT_GT(worst, 0.4L);
}

TEST(Trigonometric, FloatRoundsOnce) {
  ThreadPool pool;
  for (double reach : {1.0, 100.0, 1e6, 1e30}) {
    const auto x = random_values<float>(20000, 4, -reach, reach);
    std::vector<float> s(x.size()), c(x.size());
    sine(x.data(), s.data(), static_cast<std::int64_t>(x.size()), pool);
    cosine(x.data(), c.data(), static_cast<std::int64_t>(x.size()), pool);
    for (std::size_t i = 0; i < x.size(); ++i) {
      ASSERT_LE(ulps(s[i], static_cast<long double>(std::sin(static_cast<double>(x[i])))), 0.51L) << x[i];
      ASSERT_LE(ulps(c[i], static_cast<long double>(std::cos(static_cast<double>(x[i])))), 0.51L) << x[i];
    }
  }
}

TEST(Trigonometric, NearMultiplesOfHalfPi) {
  for (int n = 1; n < 100000; n += 7) {
    const double x = n * 1.57079632679489661923;
    ASSERT_LE(ulps(sine(x), std::sin(static_cast<long double>(x))), 1) << n;
    ASSERT_LE(ulps(cosine(x), std::cos(static_cast<long double>(x))), 1) << n;
  }
  // The double closest to a multiple of π/2 (known from the literature on range reduction).
  const double hard = std::ldexp(6381956970095103.0, 797);
  EXPECT_LE(ulps(cosine(hard), -4.68716592425462761112e-19L), 1);
  EXPECT_EQ(sine(hard), 1);
}

TEST(Trigonometric, Edges) {
  const double inf = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(std::signbit(sine(-0.0)));
  EXPECT_EQ(sine(std::numeric_limits<double>::denorm_min()), std::numeric_limits<double>::denorm_min());
  EXPECT_EQ(cosine(0), 1);
  EXPECT_TRUE(std::isnan(sine(inf)));
  EXPECT_TRUE(std::isnan(cosine(-inf)));
  EXPECT_TRUE(std::isnan(sine(std::numeric_limits<double>::quiet_NaN())));
  const double largest = std::numeric_limits<double>::max();
  EXPECT_LE(ulps(sine(largest), static_cast<long double>(std::sin(largest))), 1);
  EXPECT_LE(ulps(sine(-largest), static_cast<long double>(std::sin(-largest))), 1);
  EXPECT_LE(ulps(cosine(largest), static_cast<long double>(std::cos(largest))), 1);
}

}  // namespace
}  // namespace pleat
