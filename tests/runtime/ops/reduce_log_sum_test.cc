#include <cmath>
#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

void expect_near(const Tensor& got, const Shape& shape, const std::vector<double>& expected) {
  ASSERT_EQ(got.shape(), shape);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got.data<double>()[i], expected[i], 1e-13) << i;
}

TEST(ReduceLogSum, IsTheLogarithmOfTheSum) {
  const Tensor x = Tensor::of<double>({2, 2}, {1, 2, 3, 4});
  const Node first = node_of("ReduceLogSum", {Attribute::integers("axes", {1})});
  expect_near(only_output(run_op(first, {x}, 1)), {2, 1}, {std::log(3.0), std::log(7.0)});
  const Tensor axes = Tensor::of<std::int64_t>({1}, {0});
  const Node later = node_of("ReduceLogSum", {Attribute::integer("keepdims", 0)});
  expect_near(only_output(run_op(later, {x, axes}, 18)), {2}, {std::log(4.0), std::log(6.0)});
}

TEST(ReduceLogSum, RefusesIntegers) {
  expect_failure(run_op(node_of("ReduceLogSum"), {Tensor::of<std::int32_t>({1}, {1})}, 13), ErrorCode::kUnsupported,
                 "int32");
}

}  // namespace
}  // namespace pleat
