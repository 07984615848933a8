#include <cmath>
#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Max, ComparesAllInputs) {
  const Tensor a = Tensor::of<float>({3}, {3, 2, 1}), b = Tensor::of<float>({3}, {3, 5, 4});
  expect_same(only_output(run_op(node_of("Max"), {a, b}, 1)), Tensor::of<float>({3}, {3, 5, 4}));
  expect_same(only_output(run_op(node_of("Max"),
                                 {Tensor::of<std::int8_t>({2}, {5, -7}), Tensor::of<std::int8_t>({2}, {3, -1})}, 12)),
              Tensor::of<std::int8_t>({2}, {5, -1}));
  expect_same(only_output(run_op(node_of("Max"), {a}, 8)), a);
}

TEST(Max, NanWins) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor a = Tensor::of<float>({2}, {nan, 1}), b = Tensor::of<float>({2}, {1, nan});
  const Tensor y = only_output(run_op(node_of("Max"), {a, b, Tensor::scalar(2.0F)}, 13));
  EXPECT_TRUE(std::isnan(y.data<float>()[0]));
  EXPECT_TRUE(std::isnan(y.data<float>()[1]));
}

}  // namespace
}  // namespace pleat
