#include <cmath>
#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(GlobalMaxPool, TakesTheLargestOfEachPlane) {
  const Tensor x = Tensor::of<float>({1, 2, 2, 2}, {1, 4, 3, 2, -5, -8, -7, -6});
  expect_same(only_output(run_op(node_of("GlobalMaxPool"), {x}, 1)), Tensor::of<float>({1, 2, 1, 1}, {4, -5}));
  const Tensor row = Tensor::of<double>({1, 1, 3}, {1, std::numeric_limits<double>::quiet_NaN(), 2});
  EXPECT_TRUE(std::isnan(only_output(run_op(node_of("GlobalMaxPool"), {row}, 22)).data<double>()[0]));
}

TEST(GlobalMaxPool, RefusesEmptyPlanes) {
  expect_failure(run_op(node_of("GlobalMaxPool"), {*Tensor::allocate(DType::kFloat, {1, 1, 0})}, 1),
                 ErrorCode::kInvalid, "empty");
  expect_failure(run_op(node_of("GlobalMaxPool"), {*Tensor::allocate(DType::kFloat, {1, 1})}, 1), ErrorCode::kInvalid,
                 "spatial");
}

}  // namespace
}  // namespace pleat
