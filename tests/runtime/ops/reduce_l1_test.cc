#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

const Tensor kX = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(ReduceL1, AxesAreAnAttributeThenAnInput) {
  const Node first = node_of("ReduceL1", {Attribute::integers("axes", {0}), Attribute::integer("keepdims", 0)});
  expect_same(only_output(run_op(first, {kX}, 1)), Tensor::of<float>({3}, {5, 7, 9}));
  expect_same(only_output(run_op(node_of("ReduceL1"), {kX, list({-1})}, 18)), Tensor::of<float>({2, 1}, {6, 15}));
  expect_failure(run_op(first, {kX}, 18), ErrorCode::kUnsupported, "axes");
  expect_failure(run_op(node_of("ReduceL1"), {kX, list({0})}, 17), ErrorCode::kInvalid, "number of inputs");
}

TEST(ReduceL1, NoAxesMeansAllUnlessSaid) {
  expect_same(only_output(run_op(node_of("ReduceL1"), {kX}, 13)), Tensor::of<float>({1, 1}, {21}));
  const Node noop = node_of("ReduceL1", {Attribute::integer("noop_with_empty_axes", 1)});
  expect_same(only_output(run_op(noop, {kX, list({})}, 18)), Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}));
}

TEST(ReduceL1, RefusesOtherAxes) {
  expect_failure(run_op(node_of("ReduceL1"), {kX, list({2})}, 18), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(node_of("ReduceL1"), {kX, list({1, -1})}, 18), ErrorCode::kInvalid, "named twice");
}

}  // namespace
}  // namespace pleat
