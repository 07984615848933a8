#include "runtime/tensor/half.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>

namespace pleat {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Format {
  std::string name;
  double (*widen)(std::uint16_t);
  std::uint16_t (*narrow)(double);
  int mantissa;        ///< stored bits
  int least_exponent;  ///< of normal numbers
  std::uint16_t infinity;
};

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

const Format kHalf = {"float16", half_to_double, double_to_half, 10, -14, 0x7C00};
const Format kBfloat16 = {"bfloat16", bfloat16_to_double, double_to_bfloat16, 7, -126, 0x7F80};

class NarrowFloatTest : public ::testing::TestWithParam<Format> {
 protected:
  const Format& f = GetParam();
  double value(int bits) const { return f.widen(static_cast<std::uint16_t>(bits)); }
};

TEST_P(NarrowFloatTest, EveryPatternComesBackExactly) {
  for (int bits = 0; bits <= 0xFFFF; ++bits) {
    const double wide = value(bits);
    if (std::isnan(wide)) {
      EXPECT_GT(bits & 0x7FFF, f.infinity);
      EXPECT_TRUE(std::isnan(f.widen(f.narrow(wide))));
    } else {
      ASSERT_EQ(f.narrow(wide), bits);
    }
  }
}

TEST_P(NarrowFloatTest, FiniteValuesAreSignedMagnitudesInOrder) {
  EXPECT_EQ(value(0), 0.0);
  EXPECT_TRUE(std::signbit(value(0x8000)));
  for (int bits = 0; bits < f.infinity; ++bits) {
    ASSERT_LT(value(bits), value(bits + 1)) << bits;
    ASSERT_EQ(value(bits | 0x8000), -value(bits)) << bits;
  }
  EXPECT_EQ(value(f.infinity), kInf);
}

TEST_P(NarrowFloatTest, BetweenNeighboursTheNearerWinsAndATieGoesToTheEven) {
  for (int bits = 0; bits + 1 < f.infinity; ++bits) {
    const double low = value(bits), high = value(bits + 1);
    const double middle = low / 2 + high / 2;
    const int even = bits % 2 == 0 ? bits : bits + 1;
    ASSERT_EQ(f.narrow(middle), even) << bits;
    ASSERT_EQ(f.narrow(-middle), even | 0x8000) << bits;
    ASSERT_EQ(f.narrow(std::nextafter(middle, low)), bits) << bits;
    ASSERT_EQ(f.narrow(std::nextafter(middle, high)), bits + 1) << bits;
  }
}

TEST_P(NarrowFloatTest, BeyondTheLargestRoundsToInfinityFromTheMiddleOn) {
  const double largest = value(f.infinity - 1);
  const double step = largest - value(f.infinity - 2);
  const double middle = largest + step / 2;
  EXPECT_EQ(f.narrow(std::nextafter(middle, 0)), f.infinity - 1);
  EXPECT_EQ(f.narrow(middle), f.infinity);
  EXPECT_EQ(f.narrow(-middle), f.infinity | 0x8000);
  EXPECT_EQ(f.narrow(std::numeric_limits<double>::max()), f.infinity);
  EXPECT_EQ(f.narrow(kInf), f.infinity);
  EXPECT_EQ(f.narrow(-kInf), f.infinity | 0x8000);
}

TEST_P(NarrowFloatTest, SubnormalsAreEvenlySpacedDownToTheLeast) {
  const double least = std::ldexp(1.0, f.least_exponent - f.mantissa);
  EXPECT_EQ(value(1), least);
  EXPECT_EQ(value(1 << f.mantissa), std::ldexp(1.0, f.least_exponent));
  EXPECT_EQ(f.narrow(least / 2), 0);
  EXPECT_EQ(f.narrow(std::nextafter(least / 2, 1)), 1);
  EXPECT_EQ(f.narrow(-least / 2), 0x8000);
  EXPECT_EQ(f.narrow(std::numeric_limits<double>::denorm_min()), 0);
  EXPECT_EQ(f.narrow(-std::numeric_limits<double>::denorm_min()), 0x8000);
}

TEST_P(NarrowFloatTest, RoundsOnceNotThroughFloat) {
  // Just above a tie by less than float can tell: rounding to float first would fall on the tie and go to even.
  const double one_up = 1 + std::ldexp(1.0, -f.mantissa - 1) + std::ldexp(1.0, -40);
  const double one_down = 1 + 3 * std::ldexp(1.0, -f.mantissa - 1) - std::ldexp(1.0, -40);
  const std::uint16_t one = f.narrow(1.0);
  EXPECT_EQ(f.narrow(one_up), one + 1);
  EXPECT_EQ(f.narrow(static_cast<float>(one_up)), one);
  EXPECT_EQ(f.narrow(one_down), one + 1);
  EXPECT_EQ(f.narrow(static_cast<float>(one_down)), one + 2);
}

TEST_P(NarrowFloatTest, NaNStaysNaNAndKeepsItsSign) {
  EXPECT_TRUE(std::isnan(f.widen(f.narrow(kNaN))));
  EXPECT_EQ(f.narrow(std::copysign(kNaN, -1.0)) & 0x8000, 0x8000);
}

TEST_P(NarrowFloatTest, KnownValues) {
  const bool half = f.mantissa == 10;
  EXPECT_EQ(f.narrow(1.0), half ? 0x3C00 : 0x3F80);
  EXPECT_EQ(f.narrow(-2.0), half ? 0xC000 : 0xC000);
  EXPECT_EQ(f.narrow(0.1), half ? 0x2E66 : 0x3DCD);
  EXPECT_EQ(f.narrow(65504.0), half ? 0x7BFF : 0x4780);
}

INSTANTIATE_TEST_SUITE_P(Formats, NarrowFloatTest, ::testing::Values(kHalf, kBfloat16),
                         [](const auto& format) { return format.param.name; });

TEST(Bfloat16, WidensToTheFloatWithTheSameUpperBits) {
  for (std::uint32_t bits = 0; bits <= 0xFFFF; ++bits) {
    const auto expected = std::bit_cast<float>(bits << 16);
    if (std::isnan(expected)) continue;
    ASSERT_EQ(bfloat16_to_double(static_cast<std::uint16_t>(bits)), static_cast<double>(expected));
  }
}

TEST(Bfloat16, RoundsRandomFloatsAsIntegerArithmeticDoes) {
  std::mt19937 random(7);
  for (int i = 0; i < 1'000'000; ++i) {
    const auto bits = static_cast<std::uint32_t>(random());
    const auto value = std::bit_cast<float>(bits);
    if (std::isnan(value)) continue;
    const std::uint32_t expected = (bits + 0x7FFF + (bits >> 16 & 1)) >> 16;
    ASSERT_EQ(double_to_bfloat16(value), expected) << value;
  }
}

}  // namespace
}  // namespace pleat
