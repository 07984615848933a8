#include "runtime/tensor/shape.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST(Shape, CountsItsElements) {
  EXPECT_EQ(Shape({2, 3, 4}).elements(), 24);
  EXPECT_EQ(Shape({2, 3, 4}).elements(1, 3), 12);
  EXPECT_EQ(Shape({2, 3, 4}).elements(1, 1), 1);
  EXPECT_EQ(Shape({2, 0, 4}).elements(), 0);
  EXPECT_EQ(Shape().elements(), 1);
}

TEST(Shape, StridesAreRowMajor) {
  EXPECT_THAT(Shape({2, 3, 4}).strides(), ElementsAre(12, 4, 1));
  EXPECT_THAT(Shape().strides(), IsEmpty());
}

TEST(Shape, Text) {
  EXPECT_EQ(Shape({1, 6, 24, 24}).text(), "[1,6,24,24]");
  EXPECT_EQ(Shape().text(), "[]");
}

TEST(Shape, EqualityNeedsEqualRank) {
  EXPECT_EQ(Shape({2, 3}), Shape({2, 3}));
  EXPECT_FALSE(Shape({6}) == Shape({2, 3}));
  EXPECT_FALSE(Shape({1, 6}) == Shape({6}));
}

std::int64_t count_of(std::vector<std::int64_t> dims, std::size_t size) { return checked_elements(dims, size).value(); }
ErrorCode code_of(std::vector<std::int64_t> dims, std::size_t size) {
  const auto count = checked_elements(dims, size);
  return count ? ErrorCode::kInternal : count.error().code;
}

TEST(CheckedElements, CountsWhatFits) {
  EXPECT_EQ(count_of({}, 4), 1);
  EXPECT_EQ(count_of({2, 3}, 4), 6);
  EXPECT_EQ(count_of({2, 0, 3}, 4), 0);
  EXPECT_EQ(count_of({1LL << 60}, 4), 1LL << 60);
  EXPECT_EQ(count_of({2, 3}, 0), 6) << "elements without a fixed size count too";
}

TEST(CheckedElements, RefusesWhatDoesNot) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(code_of({-1, 3}, 4), ErrorCode::kInvalid);
  EXPECT_EQ(code_of({0, -3}, 4), ErrorCode::kInvalid);
  EXPECT_EQ(code_of({1LL << 61}, 4), ErrorCode::kResource);
  EXPECT_EQ(code_of({kMost, kMost}, 1), ErrorCode::kResource);
  EXPECT_EQ(code_of({1LL << 32, 1LL << 32}, 1), ErrorCode::kResource) << "the product wraps to 0";
  EXPECT_EQ(code_of({kMost, kMost, 0}, 1), ErrorCode::kResource) << "a zero does not excuse the strides";
}

TEST(Broadcast, FollowsNumPy) {
  EXPECT_EQ(broadcast({2, 3}, {2, 3}).value(), Shape({2, 3}));
  EXPECT_EQ(broadcast({2, 1}, {3}).value(), Shape({2, 3}));
  EXPECT_EQ(broadcast({3}, {2, 1}).value(), Shape({2, 3}));
  EXPECT_EQ(broadcast({}, {4, 5}).value(), Shape({4, 5}));
  EXPECT_EQ(broadcast({1}, {0}).value(), Shape({0}));
  EXPECT_EQ(broadcast({8, 1, 6, 1}, {7, 1, 5}).value(), Shape({8, 7, 6, 5}));
}

TEST(Broadcast, RefusesSizesThatDiffer) {
  const auto shape = broadcast({2, 3}, {2, 4});
  ASSERT_FALSE(shape.has_value());
  EXPECT_THAT(shape.error().got, HasSubstr("[2,3]"));
  EXPECT_THAT(shape.error().got, HasSubstr("[2,4]"));
  EXPECT_FALSE(broadcast({0}, {2}).has_value());
}

TEST(NormalizeAxis, CountsFromEitherEnd) {
  EXPECT_EQ(normalize_axis(0, 3).value(), 0);
  EXPECT_EQ(normalize_axis(2, 3).value(), 2);
  EXPECT_EQ(normalize_axis(-1, 3).value(), 2);
  EXPECT_EQ(normalize_axis(-3, 3).value(), 0);
}

TEST(NormalizeAxis, RefusesWhatIsOutside) {
  for (std::int64_t axis : {3LL, -4LL, std::numeric_limits<long long>::min(), std::numeric_limits<long long>::max()})
    EXPECT_FALSE(normalize_axis(axis, 3).has_value()) << axis;
  EXPECT_FALSE(normalize_axis(0, 0).has_value());
}

}  // namespace
}  // namespace pleat
