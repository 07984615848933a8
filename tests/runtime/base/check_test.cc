#include "runtime/base/check.h"

#include <gtest/gtest.h>

namespace pleat {
namespace {

TEST(CheckDeathTest, EndsTheProcessWithTheInternalCodeAndNamesTheCondition) {
  const int value = 1;
  PLEAT_CHECK(value == 1);
  EXPECT_EXIT(PLEAT_CHECK(value == 2), ::testing::ExitedWithCode(70), "check_test.cc:[0-9]+: value == 2");
}

}  // namespace
}  // namespace pleat
