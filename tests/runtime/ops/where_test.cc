#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Where, Chooses) {
  const Tensor condition = Tensor::of<bool>({2, 2}, {true, false, false, true});
  expect_same(only_output(run_op(
                  node_of("Where"),
                  {condition, Tensor::of<float>({2, 2}, {1, 2, 3, 4}), Tensor::of<float>({2, 2}, {5, 6, 7, 8})}, 9)),
              Tensor::of<float>({2, 2}, {1, 6, 7, 4}));
}

TEST(Where, AllThreeBroadcast) {
  const Tensor condition = Tensor::of<bool>({2, 1, 1}, {true, false});
  const Tensor x = Tensor::of<std::int64_t>({3, 1}, {1, 2, 3}), y = Tensor::of<std::int64_t>({2}, {10, 20});
  expect_same(only_output(run_op(node_of("Where"), {condition, x, y}, 16)),
              Tensor::of<std::int64_t>({2, 3, 2}, {1, 1, 2, 2, 3, 3, 10, 20, 10, 20, 10, 20}));
  expect_same(
      only_output(run_op(node_of("Where"), {Tensor::scalar(true), Tensor::scalar(1.5), Tensor::scalar(2.5)}, 9)),
      Tensor::scalar(1.5));
  const Tensor none = *Tensor::allocate(DType::kBool, {0});
  EXPECT_EQ(only_output(run_op(node_of("Where"), {none, Tensor::scalar(1.5), Tensor::scalar(2.5)}, 9)).shape(),
            (Shape{0}));
}

TEST(Where, RefusesWhatDoesNotMatch) {
  const Tensor one = Tensor::of<float>({1}, {1}), flag = Tensor::of<bool>({1}, {true});
  expect_failure(run_op(node_of("Where"), {one, one, one}, 9), ErrorCode::kInvalid, "not bool");
  expect_failure(run_op(node_of("Where"), {flag, one, flag}, 9), ErrorCode::kInvalid, "one type");
  expect_failure(run_op(node_of("Where"), {flag, Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({3}, {1, 2, 3})}, 9),
                 ErrorCode::kInvalid, "[3]");
}

}  // namespace
}  // namespace pleat
