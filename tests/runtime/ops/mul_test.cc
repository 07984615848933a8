#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Mul, ScalesChannels) {
  expect_same(
      only_output(run_op(node_of("Mul"),
                         {Tensor::of<float>({1, 2, 2}, {1, 2, 3, 4}), Tensor::of<float>({2, 1}, {10, 0.5f})}, 17)),
      Tensor::of<float>({1, 2, 2}, {10, 20, 1.5f, 2}));
}

TEST(Mul, NarrowIntegersWrapWithoutOverflow) {
  const Tensor most = Tensor::scalar<std::uint16_t>(65535);
  expect_same(only_output(run_op(node_of("Mul"), {most, most}, 17)), Tensor::scalar<std::uint16_t>(1));
  const Tensor large = Tensor::scalar(INT32_MAX);
  expect_same(only_output(run_op(node_of("Mul"), {large, large}, 17)), Tensor::scalar(1));
}

}  // namespace
}  // namespace pleat
