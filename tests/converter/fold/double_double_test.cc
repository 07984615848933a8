#include "converter/fold/double_double.h"

#include <gtest/gtest.h>

namespace pleat {
namespace {

TEST(DoubleDouble, SumsAndProductsOfDoublesAreExact) {
  const DoubleDouble sum = two_sum(1, 0x1p-80);
  EXPECT_EQ(sum.hi, 1);
  EXPECT_EQ(sum.lo, 0x1p-80);
  const DoubleDouble product = two_prod(1 + 0x1p-40, 1 + 0x1p-40);
  EXPECT_EQ(product.hi, 1 + 0x1p-39);
  EXPECT_EQ(product.lo, 0x1p-80);
}

TEST(DoubleDouble, QuotientTimesDivisorIsTheDividend) {
  for (const double divisor : {3.0, 7.0, 0.1, 1e10}) {
    const DoubleDouble rest = DoubleDouble(1) / DoubleDouble(divisor) * DoubleDouble(divisor) - DoubleDouble(1);
    EXPECT_LE(std::fabs(rest.hi), 0x1p-100);
  }
}

TEST(DoubleDouble, RootSquaredIsTheRadicand) {
  for (const double radicand : {2.0, 3.0, 0.1, 1e-12}) {
    const DoubleDouble root = sqrt(DoubleDouble(radicand));
    EXPECT_LE(std::fabs((root * root - DoubleDouble(radicand)).hi), radicand * 0x1p-100);
    EXPECT_NE(root.lo, 0);
  }
  EXPECT_EQ(sqrt(DoubleDouble(4)).hi, 2);
  EXPECT_EQ(sqrt(DoubleDouble(4)).lo, 0);
}

TEST(DoubleDouble, RoundToOddBreaksTiesTheRightWay) {
  const double tie = 1 + 0x1p-24;  // half way between two floats
  EXPECT_EQ(static_cast<float>(tie), 1.0F);
  EXPECT_EQ(static_cast<float>(round_to_odd({tie, 0x1p-70})), 1.0F + 0x1p-23F);
  EXPECT_EQ(static_cast<float>(round_to_odd({tie, -0x1p-70})), 1.0F);
  EXPECT_EQ(static_cast<float>(round_to_odd({-tie, -0x1p-70})), -1.0F - 0x1p-23F);
  EXPECT_EQ(round_to_odd({tie, 0}), tie);
}

TEST(DoubleDouble, WhatIsNotFiniteStaysSo) {
  EXPECT_TRUE(std::isinf((DoubleDouble(1) / DoubleDouble(0)).hi));
  EXPECT_TRUE(std::isinf((DoubleDouble(1e308) + DoubleDouble(1e308)).hi));
  EXPECT_TRUE(std::isnan(sqrt(DoubleDouble(-1)).hi));
}

}  // namespace
}  // namespace pleat
