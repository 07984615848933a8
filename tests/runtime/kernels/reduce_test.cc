#include "runtime/kernels/reduce.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "runtime/kernels/lane_sum.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

/// x[3,5,7] reduced along its middle axis, or along the other two.
template <class T>
std::vector<T> along_middle(Reduction reduction, const std::vector<T>& x, int threads = 1) {
  const std::vector<ReduceLoop> kept = {{3, 35}, {7, 1}}, reduced = {{5, 7}};
  std::vector<T> y(21);
  ThreadPool pool(threads);
  reduce<T>(reduction, {.kept = kept, .reduced = reduced, .x = x.data(), .y = y.data()}, pool);
  return y;
}
template <class T>
std::vector<T> along_outer(Reduction reduction, const std::vector<T>& x) {
  const std::vector<ReduceLoop> kept = {{5, 7}}, reduced = {{3, 35}, {7, 1}};
  std::vector<T> y(5);
  ThreadPool pool(2);
  reduce<T>(reduction, {.kept = kept, .reduced = reduced, .x = x.data(), .y = y.data()}, pool);
  return y;
}
template <class T>
T of_row(Reduction reduction, const std::vector<T>& x) {
  const std::vector<ReduceLoop> reduced = {{static_cast<std::int64_t>(x.size()), 1}};
  T y{};
  ThreadPool pool;
  reduce<T>(reduction, {.kept = {}, .reduced = reduced, .x = x.data(), .y = &y}, pool);
  return y;
}

TEST(Reduce, SumsAreThoseOfLaneSumOverTheLoopsInOrder) {
  const auto x = random_values<float>(105, 1);
  std::vector<float> middle, outer, squares;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 7; ++k) {
      LaneSum<float> sum, square;
      for (std::size_t j = 0; j < 5; ++j) sum.add(x[i * 35 + j * 7 + k]), square.add_square(x[i * 35 + j * 7 + k]);
      middle.push_back(sum.total());
      squares.push_back(square.total());
    }
  for (std::size_t j = 0; j < 5; ++j) {
    LaneSum<float> sum;
    for (std::size_t i = 0; i < 3; ++i)
      for (std::size_t k = 0; k < 7; ++k) sum.add(x[i * 35 + j * 7 + k]);
    outer.push_back(sum.total() / 21);
  }
  for_each_isa([&](Isa) {
    for (int threads : {1, 3}) EXPECT_EQ(along_middle(Reduction::kSum, x, threads), middle);
    EXPECT_EQ(along_middle(Reduction::kSumSquare, x), squares);
    EXPECT_EQ(along_outer(Reduction::kMean, x), outer);
  });
}

TEST(Reduce, ARowIsSummedLikeAnyOther) {
  const auto x = random_values<double>(1003, 2);
  LaneSum<double> sum, squares;
  for (double value : x) sum.add(value), squares.add_square(value);
  for_each_isa([&](Isa) {
    EXPECT_EQ(of_row(Reduction::kSum, x), sum.total());
    EXPECT_EQ(of_row(Reduction::kMean, x), sum.total() / 1003);
    EXPECT_EQ(of_row(Reduction::kL2, x), std::sqrt(squares.total()));
  });
}

TEST(Reduce, TheOtherKinds) {
  const std::vector<float> x = {3, -4, 2};
  EXPECT_EQ(of_row(Reduction::kMax, x), 3);
  EXPECT_EQ(of_row(Reduction::kMin, x), -4);
  EXPECT_EQ(of_row(Reduction::kProd, x), -24);
  EXPECT_EQ(of_row(Reduction::kL1, x), 9);
  EXPECT_EQ(of_row(Reduction::kL2, std::vector<float>{3, -4}), 5);
}

TEST(Reduce, NanWins) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& x : {std::vector<float>{nan, 1, 2}, {1, nan, 2}, {1, 2, nan}})
    for (Reduction kind : {Reduction::kMax, Reduction::kMin, Reduction::kSum}) EXPECT_TRUE(std::isnan(of_row(kind, x)));
}

TEST(Reduce, NothingReducedGivesTheNeutralValue) {
  const std::vector<float> none;
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(of_row(Reduction::kSum, none), 0);
  EXPECT_EQ(of_row(Reduction::kProd, none), 1);
  EXPECT_EQ(of_row(Reduction::kMax, none), -inf);
  EXPECT_EQ(of_row(Reduction::kMin, none), inf);
  EXPECT_TRUE(std::isnan(of_row(Reduction::kMean, none)));
  EXPECT_EQ(of_row(Reduction::kMax, std::vector<std::int32_t>{}), INT32_MIN);
  EXPECT_EQ(of_row(Reduction::kMean, std::vector<std::int32_t>{}), 0);
}

TEST(Reduce, IntegersWrapAndTheirMeanIsCut) {
  EXPECT_EQ(of_row(Reduction::kSum, std::vector<std::int32_t>{INT32_MAX, 1}), INT32_MIN);
  EXPECT_EQ(of_row(Reduction::kMean, std::vector<std::int32_t>{INT32_MAX, INT32_MAX}), INT32_MAX);
  EXPECT_EQ(of_row(Reduction::kMean, std::vector<std::int64_t>{-3, 0}), -1);
  EXPECT_EQ(of_row(Reduction::kL2, std::vector<std::int32_t>{5, 5}), 7);
  EXPECT_EQ(of_row(Reduction::kL1, std::vector<std::int8_t>{-128}), -128);
  EXPECT_EQ(of_row(Reduction::kProd, std::vector<std::uint16_t>{65535, 65535}), 1);
  EXPECT_EQ(of_row(Reduction::kSumSquare, std::vector<std::uint64_t>{3, 4}), 25U);
}

}  // namespace
}  // namespace pleat
