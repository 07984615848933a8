#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

TEST(Tile, RepeatsTheWhole) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  expect_same(only_output(run_op(node_of("Tile"), {x, list({1, 2})}, 6)),
              Tensor::of<float>({2, 4}, {1, 2, 1, 2, 3, 4, 3, 4}));
  expect_same(only_output(run_op(node_of("Tile"), {x, list({2, 1})}, 13)),
              Tensor::of<float>({4, 2}, {1, 2, 3, 4, 1, 2, 3, 4}));
  expect_same(only_output(run_op(node_of("Tile"), {x, list({1, 1})}, 13)), x);
  EXPECT_EQ(only_output(run_op(node_of("Tile"), {x, list({0, 3})}, 13)).shape(), (Shape{0, 6}));
}

TEST(Tile, Opset1NamesOneAxis) {
  const Tensor x = Tensor::of<float>({1, 2}, {1, 2});
  const Tensor two = Tensor::of<float>({1}, {2}), axis = Tensor::of<float>({1}, {1});
  expect_same(only_output(run_op(node_of("Tile"), {x, two, axis}, 1)), Tensor::of<float>({1, 4}, {1, 2, 1, 2}));
  const Tensor half = Tensor::of<float>({1}, {0.5});
  expect_failure(run_op(node_of("Tile"), {x, half, axis}, 1), ErrorCode::kInvalid, "whole number");
}

TEST(Tile, RefusesWhatDoesNotFit) {
  const Tensor x = Tensor::of<float>({2}, {1, 2});
  expect_failure(run_op(node_of("Tile"), {x, list({1, 1})}, 13), ErrorCode::kInvalid, "1 values");
  expect_failure(run_op(node_of("Tile"), {x, list({-1})}, 13), ErrorCode::kInvalid, "negative");
  expect_failure(run_op(node_of("Tile"), {x, list({std::int64_t{1} << 40})}, 13), ErrorCode::kResource, "too long");
  expect_failure(run_op(node_of("Tile"), {x, list({INT64_MAX})}, 13), ErrorCode::kResource, "too large");
}

}  // namespace
}  // namespace pleat
