#include "converter/verify/coverage.h"

#include <gtest/gtest.h>

#include <cmath>

namespace pleat {
namespace {

TEST(Coverage, TellsChannelsThatNeverLeaveTheirFirstValue) {
  CoverageCounter counter;
  // [N,C,W]: channel 0 differs within the row, 1 between samples, 2 between runs, 3 never.
  counter.see("bn", Tensor::of<float>({2, 4, 2}, {1, 2, 3, 3, 4, 4, 0, 0, 1, 2, 5, 5, 4, 4, 0, 0}));
  counter.see("bn", Tensor::of<float>({1, 4, 2}, {1, 2, 3, 3, 4, 7, 0, 0}));
  counter.see("rows", Tensor::of<double>({3, 2}, {1, 2, 1, 2, 1, 3}));
  const auto coverage = counter.take();
  ASSERT_EQ(coverage.size(), 2U);
  EXPECT_EQ(coverage[0].batch_norm, "bn");
  EXPECT_EQ(coverage[0].channels, 4);
  EXPECT_EQ(coverage[0].never_alive, (std::vector<std::int64_t>{3}));
  EXPECT_EQ(coverage[1].batch_norm, "rows");
  EXPECT_EQ(coverage[1].never_alive, (std::vector<std::int64_t>{0}));
  EXPECT_TRUE(counter.take().empty());
}

TEST(Coverage, CountsAlongAnyAxisAndTakesWhatHasNoneAsOneChannel) {
  CoverageCounter counter;
  counter.see("last", Tensor::of<float>({2, 1, 3}, {1, 2, 3, 1, 2, 4}), 2);
  counter.see("flat", Tensor::of<float>({3}, {1, 1, 1}));
  counter.see("empty", Tensor::of<float>({0, 3}, {}));
  const auto coverage = counter.take();
  ASSERT_EQ(coverage.size(), 3U);
  EXPECT_EQ(coverage[0].never_alive, (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(coverage[1].channels, 1);
  EXPECT_EQ(coverage[1].never_alive, (std::vector<std::int64_t>{0}));
  EXPECT_EQ(coverage[2].channels, 0);
}

TEST(Coverage, NaNIsAlive) {
  CoverageCounter counter;
  counter.see("bn", Tensor::of<float>({2, 1}, {1, NAN}));
  EXPECT_TRUE(counter.take()[0].never_alive.empty());
}

}  // namespace
}  // namespace pleat
