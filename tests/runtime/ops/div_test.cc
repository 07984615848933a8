#include <cmath>
#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Div, FloatsFollowIeee) {
  const Tensor got = only_output(
      run_op(node_of("Div"), {Tensor::of<float>({4}, {1, -1, 0, 7}), Tensor::of<float>({4}, {0, 0, 0, 2})}, 17));
  ASSERT_TRUE(got.present());
  const auto values = got.data<float>();
  EXPECT_EQ(values[0], std::numeric_limits<float>::infinity());
  EXPECT_EQ(values[1], -std::numeric_limits<float>::infinity());
  EXPECT_TRUE(std::isnan(values[2]));
  EXPECT_EQ(values[3], 3.5f);
}

TEST(Div, IntegersTruncateTowardsZero) {
  expect_same(only_output(run_op(node_of("Div"), {Tensor::of<std::int32_t>({3}, {7, -7, 6}), Tensor::scalar(2)}, 17)),
              Tensor::of<std::int32_t>({3}, {3, -3, 3}));
}

TEST(Div, IntegerByZeroIsZeroAndTheLeastByMinusOneWraps) {
  expect_same(
      only_output(run_op(
          node_of("Div"),
          {Tensor::of<std::int64_t>({3}, {5, INT64_MIN, INT64_MIN}), Tensor::of<std::int64_t>({3}, {0, -1, 0})}, 17)),
      Tensor::of<std::int64_t>({3}, {0, INT64_MIN, 0}));
  expect_same(only_output(run_op(node_of("Div"),
                                 {Tensor::of<std::int8_t>({2}, {-128, 1}), Tensor::of<std::int8_t>({2}, {-1, 0})}, 17)),
              Tensor::of<std::int8_t>({2}, {-128, 0}));
  expect_same(
      only_output(run_op(node_of("Div"), {Tensor::scalar<std::uint32_t>(9), Tensor::scalar<std::uint32_t>(0)}, 17)),
      Tensor::scalar<std::uint32_t>(0));
}

}  // namespace
}  // namespace pleat
