#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(InstanceNormalization, NormalizesEachPlane) {
  const Tensor x = Tensor::of<double>({1, 2, 2}, {1, 3, -6, 6});
  const Tensor scale = Tensor::of<double>({2}, {2, 1}), bias = Tensor::of<double>({2}, {0, 10});
  const Node node = node_of("InstanceNormalization", {Attribute::number("epsilon", 0)});
  for (int threads : {1, 2})
    expect_same(only_output(run_op(node, {x, scale, bias}, 6, threads)), Tensor::of<double>({1, 2, 2}, {-2, 2, 9, 11}));
  const Tensor one = Tensor::of<float>({1}, {1}), plane = Tensor::of<float>({1, 1, 2}, {5, 5});
  expect_same(only_output(run_op(node_of("InstanceNormalization"), {plane, one, one}, 1)),
              Tensor::of<float>({1, 1, 2}, {1, 1}));
}

TEST(InstanceNormalization, RefusesWhatDoesNotFit) {
  const Tensor x = *Tensor::allocate(DType::kFloat, {1, 2, 2}), two = Tensor::of<float>({2}, {1, 1});
  const Tensor three = Tensor::of<float>({3}, {1, 1, 1});
  const Node node = node_of("InstanceNormalization");
  expect_failure(run_op(node, {x, two, three}, 6), ErrorCode::kInvalid, "fit the channels");
  expect_failure(run_op(node, {x, two}, 6), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node, {two, two, two}, 6), ErrorCode::kInvalid, "no planes");
  expect_failure(run_op(node, {*Tensor::allocate(DType::kFloat, {1, 2, 0}), two, two}, 6), ErrorCode::kInvalid,
                 "empty");
}

}  // namespace
}  // namespace pleat
