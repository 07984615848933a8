#include "converter/fold/reasons.h"

#include <gtest/gtest.h>

#include <set>

namespace pleat {
namespace {

TEST(Reasons, EveryCodeIsThereOnceAndExplained) {
  std::set<std::string_view> codes;
  for (const Reason& reason : reasons()) {
    EXPECT_TRUE(codes.insert(reason.code).second) << reason.code;
    EXPECT_FALSE(reason.summary.empty());
    EXPECT_GT(reason.explanation.size(), reason.summary.size()) << reason.code;
    EXPECT_EQ(find_reason(reason.code), &reason);
  }
  EXPECT_EQ(find_reason("F0"), nullptr);
}

}  // namespace
}  // namespace pleat
