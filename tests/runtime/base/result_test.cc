#include "runtime/base/result.h"

#include <gtest/gtest.h>

#include <memory>

namespace pleat {
namespace {

TEST(Error, TellsOnlyTheFieldsItHas) {
  EXPECT_EQ(Error::invalid("bad shape").text(), "bad shape");
  EXPECT_EQ(Error::invalid("bad shape").at("node 'c1'").text(), "node 'c1': bad shape");
  EXPECT_EQ(Error::invalid("bad shape").expect("rank 4").saw("rank 3").fix("add a batch axis").text(),
            "bad shape\n  expected: rank 4\n  got: rank 3\n  remedy: add a batch axis");
}

TEST(Error, OuterPlacesComeFirst) {
  const Error error = Error::invalid("bad shape").at("node 'c1'").at("m.onnx");
  EXPECT_EQ(error.text(), "m.onnx: node 'c1': bad shape");
}

TEST(Error, FactoriesSetTheCode) {
  EXPECT_EQ(Error::check_failed("").code, ErrorCode::kCheckFailed);
  EXPECT_EQ(Error::usage("").code, ErrorCode::kUsage);
  EXPECT_EQ(Error::invalid("").code, ErrorCode::kInvalid);
  EXPECT_EQ(Error::unsupported("").code, ErrorCode::kUnsupported);
  EXPECT_EQ(Error::resource("").code, ErrorCode::kResource);
  EXPECT_EQ(Error::internal("").code, ErrorCode::kInternal);
}

TEST(ErrorCode, ValuesAreTheDocumentedExitCodes) {
  EXPECT_EQ(static_cast<int>(ErrorCode::kCheckFailed), 1);
  EXPECT_EQ(static_cast<int>(ErrorCode::kUsage), 2);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInvalid), 3);
  EXPECT_EQ(static_cast<int>(ErrorCode::kUnsupported), 4);
  EXPECT_EQ(static_cast<int>(ErrorCode::kResource), 5);
  EXPECT_EQ(static_cast<int>(ErrorCode::kInternal), 70);
}

Result<std::unique_ptr<int>> positive(int value) {
  if (value <= 0) return fail(Error::invalid("not positive").saw(std::to_string(value)));
  return std::make_unique<int>(value);
}

Status require_positive(int value) {
  PLEAT_TRY(positive(value));
  return {};
}

Result<int> sum_of_positives(int a, int b) {
  PLEAT_ASSIGN(const auto x, positive(a));
  PLEAT_ASSIGN(const auto y, positive(b));
  return *x + *y;
}

TEST(Try, LeavesWithTheError) {
  EXPECT_TRUE(require_positive(1).has_value());
  const Status status = require_positive(-4);
  ASSERT_FALSE(status.has_value());
  EXPECT_EQ(status.error().got, "-4");
}

TEST(Assign, BindsMoveOnlyValuesOrLeavesWithTheFirstError) {
  EXPECT_EQ(sum_of_positives(2, 3).value(), 5);
  EXPECT_EQ(sum_of_positives(-2, -3).error().got, "-2");
  EXPECT_EQ(sum_of_positives(2, -3).error().got, "-3");
}

}  // namespace
}  // namespace pleat
