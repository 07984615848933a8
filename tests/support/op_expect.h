#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "runtime/tensor/compare.h"
#include "tests/support/op_runner.h"

namespace pleat {

/// The one output of a run that must succeed; Tensor{} after a failure that it reports.
inline Tensor only_output(Result<std::vector<Tensor>> outputs) {
  if (!outputs) {
    ADD_FAILURE() << outputs.error().text();
    return {};
  }
  EXPECT_EQ(outputs->size(), 1u);
  return outputs->empty() ? Tensor{} : (*outputs)[0];
}

/// Same type, shape and bits.
inline void expect_same(const Tensor& got, const Tensor& expected) {
  ASSERT_TRUE(got.present());
  ASSERT_EQ(got.dtype(), expected.dtype());
  ASSERT_EQ(got.shape(), expected.shape()) << got.shape().text();
  const auto a = got.bytes(), b = expected.bytes();
  EXPECT_TRUE(std::equal(a.begin(), a.end(), b.begin(), b.end()));
}

/// The run fails with `code`, and its message contains `part`.
inline void expect_failure(const Result<std::vector<Tensor>>& outputs, ErrorCode code, const std::string& part) {
  ASSERT_FALSE(outputs.has_value());
  EXPECT_EQ(outputs.error().code, code) << outputs.error().text();
  EXPECT_THAT(outputs.error().text(), testing::HasSubstr(part));
}

}  // namespace pleat
