#include <cmath>
#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

void expect_near(const Tensor& got, const Shape& shape, const std::vector<double>& expected) {
  ASSERT_EQ(got.shape(), shape);
  for (std::size_t i = 0; i < expected.size(); ++i) EXPECT_NEAR(got.data<double>()[i], expected[i], 1e-13) << i;
}

TEST(ReduceLogSumExp, DoesNotOverflow) {
  const Tensor x = Tensor::of<double>({2, 2}, {1000, 1000, -1000, -1001});
  const Node first = node_of("ReduceLogSumExp", {Attribute::integers("axes", {1})});
  expect_near(only_output(run_op(first, {x}, 1)), {2, 1}, {1000 + std::log(2.0), -1000 + std::log(1 + std::exp(-1.0))});
  const Tensor axes = Tensor::of<std::int64_t>({1}, {0});
  const Node later = node_of("ReduceLogSumExp", {Attribute::integer("keepdims", 0)});
  expect_near(only_output(run_op(later, {x, axes}, 18)), {2}, {1000, 1000});
}

TEST(ReduceLogSumExp, InfinitiesAndNothing) {
  const double inf = std::numeric_limits<double>::infinity();
  const Node node = node_of("ReduceLogSumExp", {Attribute::integer("keepdims", 0)});
  const auto of = [&](std::vector<double> values) {
    const Tensor x = Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
    return only_output(run_op(node, {x}, 18)).data<double>()[0];
  };
  EXPECT_EQ(of({1, inf}), inf);
  EXPECT_EQ(of({-inf, -inf}), -inf);
  EXPECT_EQ(of({}), -inf);
  EXPECT_EQ(of({-inf, 3}), 3);
}

TEST(ReduceLogSumExp, RefusesIntegers) {
  expect_failure(run_op(node_of("ReduceLogSumExp"), {Tensor::of<std::int32_t>({1}, {1})}, 13), ErrorCode::kUnsupported,
                 "int32");
}

}  // namespace
}  // namespace pleat
