#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Neg, ChangesTheSign) {
  expect_same(only_output(run_op(node_of("Neg"), {Tensor::of<float>({3}, {0, 1, -2})}, 1)),
              Tensor::of<float>({3}, {-0.0F, -1, 2}));
  expect_same(only_output(run_op(node_of("Neg"), {Tensor::of<std::int8_t>({2}, {-128, 5})}, 6)),
              Tensor::of<std::int8_t>({2}, {-128, -5}));
  expect_same(only_output(run_op(node_of("Neg"), {Tensor::of<double>({1}, {2})}, 13)), Tensor::of<double>({1}, {-2}));
  expect_failure(run_op(node_of("Neg"), {Tensor::of<bool>({1}, {true})}, 13), ErrorCode::kUnsupported, "bool");
}

}  // namespace
}  // namespace pleat
