#include "runtime/plan/memory_planner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace pleat {
namespace {

using testing::ElementsAre;

MemoryPlan planned(std::vector<MemoryRequest> requests) {
  auto plan = plan_memory(requests);
  EXPECT_TRUE(plan.has_value());
  return plan.value_or(MemoryPlan{});
}

TEST(MemoryPlanner, NothingNeedsNothing) {
  EXPECT_EQ(planned({}).bytes, 0u);
  const MemoryPlan empty_blocks = planned({{0, 0, 1}, {0, 0, 1}});
  EXPECT_EQ(empty_blocks.bytes, 0u);
  EXPECT_THAT(empty_blocks.offsets, ElementsAre(0, 0));
}

TEST(MemoryPlanner, AChainAlternatesBetweenTwoBlocks) {
  const MemoryPlan plan = planned({{256, 0, 1}, {256, 1, 2}, {256, 2, 3}, {256, 3, 4}});
  EXPECT_THAT(plan.offsets, ElementsAre(0, 256, 0, 256));
  EXPECT_EQ(plan.bytes, 512u);
  EXPECT_EQ(plan.live_peak_bytes, 512u);
}

TEST(MemoryPlanner, OffsetsAndSizesAreMultiplesOf64) {
  const MemoryPlan plan = planned({{1, 0, 1}, {65, 0, 1}, {3, 1, 1}});
  EXPECT_THAT(plan.offsets, ElementsAre(192, 0, 128));
  EXPECT_EQ(plan.bytes, 256u);
  EXPECT_EQ(plan.live_peak_bytes, 256u);
}

TEST(MemoryPlanner, TheTightestGapIsTaken) {
  // After the blocks of 1024 and 320 end, gaps of those sizes lie between the blocks that stay.
  const MemoryPlan plan = planned({{4096, 0, 9}, {1024, 0, 1}, {768, 0, 9}, {320, 0, 1}, {312, 0, 9}, {256, 2, 9}});
  EXPECT_THAT(plan.offsets, ElementsAre(0, 4096, 5120, 5888, 6208, 5888));
  EXPECT_EQ(plan.bytes, 6528u);
}

TEST(MemoryPlanner, LivePeakIsTheBusiestStep) {
  EXPECT_EQ(planned({{64, 0, 0}, {128, 1, 1}, {64, 1, 2}, {64, 2, 2}}).live_peak_bytes, 192u);
}

TEST(MemoryPlanner, OverflowIsAResourceError) {
  for (const std::vector<MemoryRequest>& requests :
       {std::vector<MemoryRequest>{{SIZE_MAX, 0, 0}}, std::vector<MemoryRequest>{{SIZE_MAX - 70, 0, 0}},
        std::vector<MemoryRequest>{{PTRDIFF_MAX / 2, 0, 0}, {PTRDIFF_MAX / 2, 1, 1}, {4096, 2, 2}}}) {
    const auto plan = plan_memory(requests);
    ASSERT_FALSE(plan.has_value());
    EXPECT_EQ(plan.error().code, ErrorCode::kResource);
  }
}

TEST(MemoryPlanner, RandomBlocksThatLiveTogetherNeverOverlap) {
  std::mt19937 random(20260101);
  for (int round = 0; round < 200; ++round) {
    std::vector<MemoryRequest> requests(random() % 40);
    for (MemoryRequest& request : requests) {
      request.bytes = random() % 5000;
      request.first = random() % 30;
      request.last = request.first + random() % 6;
    }
    const MemoryPlan plan = planned(requests);
    ASSERT_EQ(plan.offsets.size(), requests.size());
    EXPECT_GE(plan.bytes, plan.live_peak_bytes);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      const MemoryRequest& a = requests[i];
      EXPECT_EQ(plan.offsets[i] % 64, 0u);
      EXPECT_LE(plan.offsets[i] + a.bytes, plan.bytes);
      for (std::size_t j = 0; j < i; ++j) {
        const MemoryRequest& b = requests[j];
        const bool together = a.first <= b.last && b.first <= a.last;
        const bool overlap = plan.offsets[i] < plan.offsets[j] + b.bytes && plan.offsets[j] < plan.offsets[i] + a.bytes;
        EXPECT_FALSE(a.bytes > 0 && b.bytes > 0 && together && overlap) << "round " << round << ": " << i << ", " << j;
      }
    }
  }
}

}  // namespace
}  // namespace pleat
