#include "runtime/tensor/compare.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace pleat {
namespace {

using ::testing::HasSubstr;

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kTiny = std::numeric_limits<float>::denorm_min();
constexpr float kMax = std::numeric_limits<float>::max();

Tensor row(std::vector<float> values) { return Tensor::of({static_cast<std::int64_t>(values.size())}, values); }
Difference between(std::vector<float> a, std::vector<float> b) {
  return compare(row(std::move(a)).view(), row(std::move(b)).view()).value();
}
bool close(std::vector<float> a, std::vector<float> b, double rtol, double atol) {
  const Tensor x = row(std::move(a)), y = row(std::move(b));
  return all_close(x.view(), y.view(), rtol, atol).value();
}

TEST(UlpDistance, CountsNeighbours) {
  EXPECT_EQ(ulp_distance(1.0F, 1.0F), 0);
  EXPECT_EQ(ulp_distance(1.0F, std::nextafter(1.0F, 2.0F)), 1);
  EXPECT_EQ(ulp_distance(std::nextafter(1.0F, 0.0F), std::nextafter(1.0F, 2.0F)), 2);
  EXPECT_EQ(ulp_distance(1.0F, 2.0F), 1 << 23);
  EXPECT_EQ(ulp_distance(1.0, std::nextafter(1.0, 0.0)), 1);
  EXPECT_EQ(ulp_distance(kMax, kInf), 1);
}

TEST(UlpDistance, RunsThroughZeroWhichIsOneValue) {
  EXPECT_EQ(ulp_distance(0.0F, -0.0F), 0);
  EXPECT_EQ(ulp_distance(0.0, -0.0), 0);
  EXPECT_EQ(ulp_distance(0.0F, kTiny), 1);
  EXPECT_EQ(ulp_distance(-0.0F, kTiny), 1);
  EXPECT_EQ(ulp_distance(-kTiny, kTiny), 2);
  EXPECT_EQ(ulp_distance(-std::numeric_limits<double>::denorm_min(), std::numeric_limits<double>::denorm_min()), 2);
}

TEST(UlpDistance, IsSymmetric) {
  for (float a : {-kInf, -1.5F, -0.0F, kTiny, 3.0F, kInf})
    for (float b : {-kMax, -1.0F, 0.0F, 1e30F, kInf})
      EXPECT_EQ(ulp_distance(a, b), ulp_distance(b, a)) << a << ' ' << b;
}

TEST(UlpDistance, DoesNotOverflow) {
  constexpr double kHuge = std::numeric_limits<double>::infinity();
  EXPECT_EQ(ulp_distance(-kInf, kInf), 2LL * 0x7F800000);
  EXPECT_GT(ulp_distance(-kHuge, kHuge), 0);
}

TEST(UlpDistance, NaNIsFarFromAllButNaN) {
  EXPECT_EQ(ulp_distance(kNaN, -kNaN), 0);
  EXPECT_EQ(ulp_distance(kNaN, 1.0F), std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(ulp_distance(kInf, kNaN), std::numeric_limits<std::int64_t>::max());
}

TEST(Compare, EqualTensorsDifferInNothing) {
  const Difference d = between({1, -2, 0}, {1, -2, 0});
  EXPECT_TRUE(d.same_bits);
  EXPECT_EQ(d.max_abs, 0);
  EXPECT_EQ(d.max_rel, 0);
  EXPECT_EQ(d.max_ulp, 0);
  EXPECT_EQ(d.class_mismatches, 0);
}

TEST(Compare, FindsTheWorst) {
  const Difference d = between({1, 10, 3}, {1, 8, 4});
  EXPECT_FALSE(d.same_bits);
  EXPECT_EQ(d.max_abs, 2);
  EXPECT_EQ(d.worst, 1);
  EXPECT_EQ(d.max_rel, 0.25);
  EXPECT_EQ(d.max_ulp, ulp_distance(3.0F, 4.0F));
}

TEST(Compare, TheRelativeDifferenceLeavesZerosOut) {
  const Difference d = between({0.5F, 1}, {0, 1});
  EXPECT_EQ(d.max_abs, 0.5);
  EXPECT_EQ(d.max_rel, 0);
}

TEST(Compare, ZerosOfOtherSignDifferInBitsOnly) {
  const Difference d = between({0.0F}, {-0.0F});
  EXPECT_FALSE(d.same_bits);
  EXPECT_EQ(d.max_ulp, 0);
  EXPECT_EQ(d.max_abs, 0);
}

TEST(Compare, CountsElementsOfAnotherClass) {
  const Difference d = between({kNaN, kInf, -kInf, kNaN, kInf, 1}, {kNaN, kInf, kInf, 1, 1, kInf});
  EXPECT_EQ(d.class_mismatches, 4);
  EXPECT_EQ(d.max_abs, 0) << "only finite pairs are measured";
  EXPECT_EQ(d.worst, -1);
}

TEST(Compare, WorksOnIntegersAndOnNothing) {
  const Tensor a = Tensor::of<std::int64_t>({2}, {5, 7}), b = Tensor::of<std::int64_t>({2}, {5, 4});
  const Difference d = compare(a.view(), b.view()).value();
  EXPECT_EQ(d.max_abs, 3);
  EXPECT_EQ(d.max_ulp, 0);
  const Tensor none = Tensor::allocate(DType::kFloat, {0, 3}).value();
  EXPECT_EQ(compare(none.view(), none.view()).value().worst, -1);
}

TEST(Compare, RefusesOtherShapesAndTypes) {
  const Tensor a = Tensor::of<float>({2}, {1, 2}), b = Tensor::of<float>({1, 2}, {1, 2}),
               c = Tensor::of<double>({2}, {1, 2});
  for (const Tensor* other : {&b, &c}) {
    EXPECT_EQ(compare(a.view(), other->view()).error().code, ErrorCode::kInvalid);
    EXPECT_FALSE(all_close(a.view(), other->view(), 1, 1).has_value());
    EXPECT_FALSE(argmax_agreement(a.view(), other->view()).has_value());
  }
  EXPECT_THAT(compare(a.view(), c.view()).error().text(), HasSubstr("double[2]"));
}

TEST(AllClose, AllowsExactlyTheBound) {
  EXPECT_TRUE(close({1.25F}, {1}, 0, 0.25));
  EXPECT_FALSE(close({std::nextafter(1.25F, 2.0F)}, {1}, 0, 0.25));
  EXPECT_TRUE(close({5}, {4}, 0.25, 0));
  EXPECT_FALSE(close({4}, {5.5F}, 0.25, 0)) << "relative to the second";
  EXPECT_TRUE(close({1, 2}, {1, 2}, 0, 0));
  EXPECT_FALSE(close({1, 2}, {1, 3}, 0, 0));
}

TEST(AllClose, ComparesNaNAndInfinityByClass) {
  EXPECT_TRUE(close({kNaN, kInf, -kInf}, {kNaN, kInf, -kInf}, 0, 0));
  EXPECT_FALSE(close({kInf}, {-kInf}, 1, 1e30));
  EXPECT_FALSE(close({kMax}, {kInf}, 1, 1e30));
  EXPECT_FALSE(close({kInf}, {kMax}, 1, 1e30));
  EXPECT_FALSE(close({kNaN}, {1}, 1, 1e30));
  EXPECT_FALSE(close({1}, {kNaN}, 1, 1e30));
}

TEST(ArgmaxAgreement, CountsRows) {
  const Tensor a = Tensor::of<float>({3, 2}, {1, 2, 5, 4, 0, 1}), b = Tensor::of<float>({3, 2}, {3, 9, 1, 2, -1, 1});
  EXPECT_EQ(argmax_agreement(a.view(), b.view()).value(), 2);
}

TEST(ArgmaxAgreement, TheFirstOfEqualsWins) {
  const Tensor a = Tensor::of<float>({1, 3}, {2, 2, 1}), b = Tensor::of<float>({1, 3}, {2, 1, 2});
  EXPECT_EQ(argmax_agreement(a.view(), b.view()).value(), 1);
}

TEST(ArgmaxAgreement, OfScalarsAndOfNothing) {
  const Tensor scalar = Tensor::scalar(1.0F), none = Tensor::allocate(DType::kFloat, {3, 0}).value();
  EXPECT_EQ(argmax_agreement(scalar.view(), scalar.view()).value(), 1);
  EXPECT_EQ(argmax_agreement(none.view(), none.view()).value(), 0);
}

}  // namespace
}  // namespace pleat
