#include "runtime/base/isa.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>

namespace pleat {
namespace {

using ::testing::HasSubstr;

class IsaTest : public ::testing::Test {
 protected:
  void TearDown() override {
    unsetenv("PLEAT_ISA");
    ASSERT_TRUE(force_isa(supported_isas().back()).has_value());
  }
};

TEST_F(IsaTest, NamesAndValuesCorrespond) {
  for (Isa isa : {Isa::kReference, Isa::kAvx2, Isa::kAvx512}) EXPECT_EQ(parse_isa(isa_name(isa)).value(), isa);
}

TEST_F(IsaTest, AnUnknownNameIsAUsageErrorThatListsTheKnownOnes) {
  const auto isa = parse_isa("neon");
  ASSERT_FALSE(isa.has_value());
  EXPECT_EQ(isa.error().code, ErrorCode::kUsage);
  EXPECT_THAT(isa.error().expected, HasSubstr("avx2"));
  EXPECT_EQ(isa.error().got, "neon");
}

TEST_F(IsaTest, TheReferenceIsAlwaysThereAndFirst) {
  ASSERT_FALSE(supported_isas().empty());
  EXPECT_EQ(supported_isas().front(), Isa::kReference);
  EXPECT_TRUE(std::is_sorted(supported_isas().begin(), supported_isas().end()));
}

TEST_F(IsaTest, ForcingASupportedOneMakesItActive) {
  for (Isa isa : supported_isas()) {
    ASSERT_TRUE(force_isa(isa).has_value());
    EXPECT_EQ(active_isa(), isa);
  }
}

TEST_F(IsaTest, ForcingOneTheMachineLacksFailsAndChangesNothing) {
  const Isa before = active_isa();
  const auto& have = supported_isas();
  for (Isa isa : {Isa::kAvx2, Isa::kAvx512}) {
    if (std::find(have.begin(), have.end(), isa) != have.end()) continue;
    const Status status = force_isa(isa);
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, ErrorCode::kUsage);
    EXPECT_EQ(active_isa(), before);
  }
}

TEST_F(IsaTest, TheEnvironmentIsObeyed) {
  setenv("PLEAT_ISA", "reference", 1);
  ASSERT_TRUE(force_isa_from_environment().has_value());
  EXPECT_EQ(active_isa(), Isa::kReference);
}

TEST_F(IsaTest, AnUnsetOrEmptyEnvironmentChangesNothing) {
  ASSERT_TRUE(force_isa(Isa::kReference).has_value());
  unsetenv("PLEAT_ISA");
  ASSERT_TRUE(force_isa_from_environment().has_value());
  setenv("PLEAT_ISA", "", 1);
  ASSERT_TRUE(force_isa_from_environment().has_value());
  EXPECT_EQ(active_isa(), Isa::kReference);
}

TEST_F(IsaTest, AMisspeltEnvironmentIsAnErrorThatNamesTheVariable) {
  setenv("PLEAT_ISA", "AVX2", 1);
  const Status status = force_isa_from_environment();
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().where, "PLEAT_ISA");
}

}  // namespace
}  // namespace pleat
