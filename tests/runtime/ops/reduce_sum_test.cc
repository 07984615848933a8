#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

const Tensor kX = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(ReduceSum, AxesAreAnInputFromOpset13) {
  expect_same(only_output(run_op(node_of("ReduceSum", {Attribute::integers("axes", {1})}), {kX}, 11)),
              Tensor::of<float>({2, 1}, {6, 15}));
  expect_same(only_output(run_op(node_of("ReduceSum", {Attribute::integer("keepdims", 0)}), {kX, list({0})}, 13)),
              Tensor::of<float>({3}, {5, 7, 9}));
  expect_failure(run_op(node_of("ReduceSum"), {kX, list({0})}, 12), ErrorCode::kInvalid, "number of inputs");
}

TEST(ReduceSum, NoAxesMeansAllUnlessSaid) {
  expect_same(only_output(run_op(node_of("ReduceSum"), {kX, {}}, 13)), Tensor::of<float>({1, 1}, {21}));
  const Node noop = node_of("ReduceSum", {Attribute::integer("noop_with_empty_axes", 1)});
  expect_same(only_output(run_op(noop, {kX}, 13)), kX);
}

TEST(ReduceSum, AxesOfSizeOneAndScattered) {
  std::vector<std::int64_t> values;
  for (std::int64_t i = 0; i < 24; ++i) values.push_back(i);
  const Tensor x = Tensor::of<std::int64_t>({2, 1, 3, 4}, values);
  const Node node = node_of("ReduceSum", {Attribute::integer("keepdims", 0)});
  expect_same(only_output(run_op(node, {x, list({0, 3})}, 13, 2)), Tensor::of<std::int64_t>({1, 3}, {60, 92, 124}));
  EXPECT_EQ(only_output(run_op(node, {*Tensor::allocate(DType::kFloat, {2, 0}), list({1})}, 13)).shape(), (Shape{2}));
}

TEST(ReduceSum, AnEmptySumIsZero) {
  const Node node = node_of("ReduceSum", {Attribute::integer("keepdims", 0)});
  expect_same(only_output(run_op(node, {*Tensor::allocate(DType::kFloat, {2, 0}), list({1})}, 13)),
              Tensor::of<float>({2}, {0, 0}));
}

}  // namespace
}  // namespace pleat
