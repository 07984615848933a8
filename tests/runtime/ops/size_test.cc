#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Size, CountsElements) {
  expect_same(only_output(run_op(node_of("Size"), {*Tensor::allocate(DType::kFloat, {2, 3, 4})}, 1)),
              Tensor::scalar(std::int64_t{24}));
  expect_same(only_output(run_op(node_of("Size"), {Tensor::scalar(true)}, 13)), Tensor::scalar(std::int64_t{1}));
  expect_same(only_output(run_op(node_of("Size"), {*Tensor::allocate(DType::kInt8, {2, 0})}, 21)),
              Tensor::scalar(std::int64_t{0}));
}

}  // namespace
}  // namespace pleat
