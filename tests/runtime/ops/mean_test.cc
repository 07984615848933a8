#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Mean, DividesTheSumByTheNumberOfInputs) {
  const Tensor a = Tensor::of<double>({2}, {1, 2}), b = Tensor::scalar(4.0), c = Tensor::of<double>({1}, {10});
  expect_same(only_output(run_op(node_of("Mean"), {a, b, c}, 13)), Tensor::of<double>({2}, {5, 16.0 / 3}));
  expect_same(only_output(run_op(node_of("Mean"), {a}, 1)), a);
  expect_failure(run_op(node_of("Mean"), {a, b}, 6), ErrorCode::kInvalid, "one shape");
}

}  // namespace
}  // namespace pleat
