#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Sum, BroadcastsAllTogetherFromOpset8) {
  const Tensor a = Tensor::of<float>({2, 1}, {1, 2}), b = Tensor::of<float>({3}, {10, 20, 30});
  const Tensor c = Tensor::scalar(0.5F);
  expect_same(only_output(run_op(node_of("Sum"), {a, b, c}, 13, 2)),
              Tensor::of<float>({2, 3}, {11.5, 21.5, 31.5, 12.5, 22.5, 32.5}));
  expect_same(only_output(run_op(node_of("Sum"), {a}, 6)), a);
  expect_same(only_output(run_op(node_of("Sum"), {a, a, a}, 6)), Tensor::of<float>({2, 1}, {3, 6}));
  expect_failure(run_op(node_of("Sum"), {a, b}, 6), ErrorCode::kInvalid, "one shape");
}

TEST(Sum, AddsFromTheFirstToTheLast) {
  const Tensor big = Tensor::of<float>({1}, {1e8F}), small = Tensor::of<float>({1}, {1}),
               less = Tensor::of<float>({1}, {-1e8F});
  expect_same(only_output(run_op(node_of("Sum"), {big, small, less}, 13)), Tensor::of<float>({1}, {0}));
  expect_same(only_output(run_op(node_of("Sum"), {big, less, small}, 13)), Tensor::of<float>({1}, {1}));
}

TEST(Sum, RefusesWhatDoesNotMatch) {
  const Tensor a = Tensor::of<float>({2}, {1, 2});
  expect_failure(run_op(node_of("Sum"), {a, Tensor::of<double>({2}, {1, 2})}, 13), ErrorCode::kInvalid, "one type");
  expect_failure(run_op(node_of("Sum"), {a, Tensor::of<float>({3}, {1, 2, 3})}, 13), ErrorCode::kInvalid, "broadcast");
  expect_failure(run_op(node_of("Sum"), {}, 13), ErrorCode::kInvalid, "no inputs");
  expect_failure(run_op(node_of("Sum"), {a, {}}, 13), ErrorCode::kInvalid, "omitted");
}

}  // namespace
}  // namespace pleat
