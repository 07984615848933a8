#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Sub, TakesTheSecondFromTheFirst) {
  expect_same(only_output(run_op(node_of("Sub"), {Tensor::of<double>({2}, {5, 1}), Tensor::scalar(2.0)}, 17)),
              Tensor::of<double>({2}, {3, -1}));
  expect_same(only_output(run_op(node_of("Sub"), {Tensor::scalar(2.0f), Tensor::of<float>({2}, {5, 1})}, 7)),
              Tensor::of<float>({2}, {-3, 1}));
}

TEST(Sub, IntegersWrap) {
  const Tensor least = Tensor::scalar(INT64_MIN), one = Tensor::scalar(std::int64_t{1});
  expect_same(only_output(run_op(node_of("Sub"), {least, one}, 17)), Tensor::scalar(INT64_MAX));
}

}  // namespace
}  // namespace pleat
