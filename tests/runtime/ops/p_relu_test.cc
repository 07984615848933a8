#include "tests/support/op_expect.h"

namespace pleat {
namespace {

const Tensor& image() {
  static const Tensor x = Tensor::of<float>({1, 2, 1, 2}, {-1, 2, -3, -4});
  return x;
}

TEST(PRelu, OneSlopePerChannelBeforeOpset7) {
  const Tensor slopes = Tensor::of<float>({2}, {0.5F, 0.25F});
  for (int opset : {1, 6})
    expect_same(only_output(run_op(node_of("PRelu"), {image(), slopes}, opset)),
                Tensor::of<float>({1, 2, 1, 2}, {-0.5F, 2, -0.75F, -1}));
  expect_same(only_output(run_op(node_of("PRelu"), {image(), Tensor::of<float>({1}, {2})}, 6)),
              Tensor::of<float>({1, 2, 1, 2}, {-2, 2, -6, -8}));
}

TEST(PRelu, TheSlopeBroadcastsFromOpset7) {
  const Tensor slopes = Tensor::of<float>({2, 1, 1}, {0.5F, 0.25F});
  for (int opset : {7, 9, 16})
    expect_same(only_output(run_op(node_of("PRelu"), {image(), slopes}, opset)),
                Tensor::of<float>({1, 2, 1, 2}, {-0.5F, 2, -0.75F, -1}));
  expect_same(only_output(run_op(node_of("PRelu"), {image(), Tensor::of<float>({2}, {1, 2})}, 7)),
              Tensor::of<float>({1, 2, 1, 2}, {-1, 2, -3, -8}));
  expect_failure(run_op(node_of("PRelu"), {image(), Tensor::of<float>({3}, {1, 2, 3})}, 7), ErrorCode::kInvalid, "[3]");
  expect_failure(run_op(node_of("PRelu"), {Tensor::of<float>({1}, {1}), Tensor::of<float>({2}, {1, 2})}, 7),
                 ErrorCode::kInvalid, "does not broadcast");
}

TEST(PRelu, Integers) {
  expect_same(only_output(run_op(node_of("PRelu"),
                                 {Tensor::of<std::int32_t>({2}, {-2, 2}), Tensor::of<std::int32_t>({1}, {3})}, 9)),
              Tensor::of<std::int32_t>({2}, {-6, 2}));
}

}  // namespace
}  // namespace pleat
