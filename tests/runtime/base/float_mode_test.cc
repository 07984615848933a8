#include "runtime/base/float_mode.h"

#include <gtest/gtest.h>

#include <atomic>
#include <cfenv>
#include <limits>

#include "runtime/base/thread_pool.h"

namespace pleat {
namespace {

constexpr std::uint32_t kZeroOperands = 0x40;  // DAZ

bool halving_the_least_normal_gives_zero() {
  volatile float least = std::numeric_limits<float>::min();
  volatile float half = least * 0.5f;
  return half == 0.0f;
}

bool denormal_operands_count() {
  volatile float denormal = std::numeric_limits<float>::denorm_min();
  return denormal > 0.0f;
}

TEST(FloatMode, FlushesResultsNotOperandsAndComesBack) {
  ASSERT_EQ(float_mode(), kPlainFloatMode);
  {
    const FloatModeScope flushing(true);
    EXPECT_TRUE(halving_the_least_normal_gives_zero());
    EXPECT_TRUE(denormal_operands_count());
    {
      const FloatModeScope keeping(false);
      EXPECT_FALSE(halving_the_least_normal_gives_zero());
    }
    EXPECT_TRUE(halving_the_least_normal_gives_zero());
  }
  EXPECT_EQ(float_mode(), kPlainFloatMode);
  EXPECT_FALSE(halving_the_least_normal_gives_zero());
}

TEST(FloatMode, OverridesTheModeOfTheProgramAndGivesItBack) {
  const std::uint32_t fast = kPlainFloatMode | kFlushResults | kZeroOperands;
  set_float_mode(fast);
  {
    const FloatModeScope keeping(false);
    EXPECT_TRUE(denormal_operands_count());
    EXPECT_FALSE(halving_the_least_normal_gives_zero());
  }
  EXPECT_EQ(float_mode(), fast);
  set_float_mode(kPlainFloatMode);
}

TEST(FloatMode, LeavesTheFlagsThatOperationsRaise) {
  std::feclearexcept(FE_ALL_EXCEPT);
  {
    const FloatModeScope flushing(true);
    volatile float zero = 0, one = 1;
    volatile float infinite = one / zero;
    static_cast<void>(infinite);
  }
  EXPECT_NE(std::fetestexcept(FE_DIVBYZERO), 0);
  std::feclearexcept(FE_ALL_EXCEPT);
}

TEST(FloatMode, TheTeamComputesInTheModeOfItsCaller) {
  ThreadPool pool(4);
  for (const bool flush : {true, false, true}) {
    const FloatModeScope mode(flush);
    std::atomic<int> as_told{0};
    pool.parallel_for(4, 1, [&](std::int64_t, std::int64_t) {
      if (halving_the_least_normal_gives_zero() == flush) ++as_told;
    });
    EXPECT_EQ(as_told, 4);
  }
}

}  // namespace
}  // namespace pleat
