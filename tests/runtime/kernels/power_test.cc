#include "runtime/kernels/power.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

#include "tests/support/random_values.h"
#include "tests/support/ulps.h"

namespace pleat {
namespace {

TEST(Power, FloatRoundsOnce) {
  const auto x = random_values<float>(200000, 1, 0, 30), y = random_values<float>(200000, 2, -25, 25);
  long double worst = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const long double exact = std::pow(static_cast<long double>(x[i]), static_cast<long double>(y[i]));
    if (exact < 3e38L) worst = std::max(worst, ulps(power(x[i], y[i]), exact));
  }
  RecordProperty("max_ulp", std::to_string(worst));
  EXPECT_LE(worst, 0.51L);
  EXPECT_GT(worst, 0.4L);
}

TEST(Power, SpecialCasesAreThoseOfC) {
  const float inf = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  const float values[] = {0, -0.0F, 1,      -1,     2,    -2, 0.5F, -0.5F, 3,  -3,
                          4, 1e30F, -1e30F, 1e-30F, 2.5F, -7, inf,  -inf,  nan};
  for (float x : values)
    for (float y : values) {
      const float expected = static_cast<float>(std::pow(static_cast<double>(x), static_cast<double>(y)));
      const float got = power(x, y);
      EXPECT_TRUE(got == expected || (std::isnan(got) && std::isnan(expected))) << x << "^" << y << " is " << got;
      EXPECT_TRUE(std::isnan(expected) || std::signbit(got) == std::signbit(expected)) << x << "^" << y;
    }
}

}  // namespace
}  // namespace pleat
