#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Relu, CutsNegatives) {
  for_each_isa([](Isa) {
    expect_same(only_output(run_op(node_of("Relu"), {Tensor::of<float>({2, 2}, {-1, 0, 2, -3})}, 6)),
                Tensor::of<float>({2, 2}, {0, 0, 2, 0}));
    expect_same(only_output(run_op(node_of("Relu"), {Tensor::of<double>({3}, {-1, 0.5, 2})}, 13)),
                Tensor::of<double>({3}, {0, 0.5, 2}));
  });
}

TEST(Relu, IntegersFromOpset14) {
  const Tensor x = Tensor::of<std::int8_t>({3}, {-128, 0, 127});
  expect_same(only_output(run_op(node_of("Relu"), {x}, 14)), Tensor::of<std::int8_t>({3}, {0, 0, 127}));
  expect_failure(run_op(node_of("Relu"), {x}, 13), ErrorCode::kUnsupported, "int8");
  expect_failure(run_op(node_of("Relu"), {Tensor::of<std::uint8_t>({1}, {1})}, 14), ErrorCode::kUnsupported, "uint8");
}

TEST(Relu, RefusesUnknownAttributes) {
  const Tensor x = Tensor::of<float>({1}, {1});
  const Node node = node_of("Relu", {Attribute::integers("consumed_inputs", {0})});
  EXPECT_TRUE(run_op(node, {x}, 1).has_value());
  expect_failure(run_op(node, {x}, 6), ErrorCode::kUnsupported, "consumed_inputs");
}

}  // namespace
}  // namespace pleat
