#include <numeric>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor counted(Shape shape) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  std::iota(values.begin(), values.end(), 0.0f);
  return Tensor::of(std::move(shape), values);
}

Shape flattened(Shape shape, std::int64_t axis, int opset = 17) {
  const Tensor x = counted(std::move(shape));
  const Tensor y = only_output(run_op(node_of("Flatten", {Attribute::integer("axis", axis)}), {x}, opset));
  if (!y.present()) return {};
  expect_same(y, x.reshaped(y.shape()));
  return y.shape();
}

TEST(Flatten, SplitsAtTheAxis) {
  EXPECT_EQ(flattened({2, 3, 4}, 0), (Shape{1, 24}));
  EXPECT_EQ(flattened({2, 3, 4}, 1), (Shape{2, 12}));
  EXPECT_EQ(flattened({2, 3, 4}, 3), (Shape{24, 1}));
  EXPECT_EQ(flattened({2, 3, 4}, -1), (Shape{6, 4}));
  EXPECT_EQ(flattened({2, 3, 4}, -3), (Shape{1, 24}));
  EXPECT_EQ(flattened({}, 0), (Shape{1, 1}));
  EXPECT_EQ(flattened({0, 3}, 1), (Shape{0, 3}));
}

TEST(Flatten, AxisIsOneUnlessSaid) {
  EXPECT_EQ(only_output(run_op(node_of("Flatten"), {counted({2, 3, 4})}, 1)).shape(), (Shape{2, 12}));
}

TEST(Flatten, RefusesABadAxis) {
  const auto with_axis = [](std::int64_t axis) { return node_of("Flatten", {Attribute::integer("axis", axis)}); };
  expect_failure(run_op(with_axis(4), {counted({2, 3, 4})}, 17), ErrorCode::kInvalid, "between -3 and 3");
  expect_failure(run_op(with_axis(-4), {counted({2, 3, 4})}, 17), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(with_axis(-1), {counted({2, 3, 4})}, 9), ErrorCode::kInvalid, "opset 11");
  expect_failure(run_op(with_axis(INT64_MIN), {counted({2})}, 17), ErrorCode::kInvalid, "axis out of range");
}

}  // namespace
}  // namespace pleat
