#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor numbers() { return Tensor::of<float>({3}, {1, -2, 3}); }

TEST(Dropout, RepeatsItsInput) {
  for (int opset : {7, 10, 12, 13, 17})
    expect_same(only_output(run_op(node_of("Dropout"), {numbers()}, opset)), numbers());
  for (int opset : {1, 6})
    expect_same(only_output(run_op(node_of("Dropout", {Attribute::integer("is_test", 1)}), {numbers()}, opset)),
                numbers());
  const Tensor doubles = Tensor::of<double>({1}, {0.1});
  expect_same(only_output(run_op(node_of("Dropout", {Attribute::number("ratio", 0.25f)}), {doubles}, 10)), doubles);
}

TEST(Dropout, MaskIsAllOnes) {
  const auto modern = run_op(node_of("Dropout", {}, 2), {numbers()}, 13);
  ASSERT_TRUE(modern.has_value());
  expect_same((*modern)[0], numbers());
  expect_same((*modern)[1], Tensor::of<bool>({3}, {true, true, true}));
  const auto old = run_op(node_of("Dropout", {}, 2), {numbers()}, 7);
  ASSERT_TRUE(old.has_value());
  expect_same((*old)[1], Tensor::of<float>({3}, {1, 1, 1}));
  const auto wide = run_op(node_of("Dropout", {}, 2), {Tensor::of<double>({2}, {1, 2})}, 7);
  ASSERT_TRUE(wide.has_value());
  expect_same((*wide)[1], Tensor::of<double>({2}, {1, 1}));
}

TEST(Dropout, RefusesTraining) {
  const Tensor yes = Tensor::scalar(true), no = Tensor::scalar(false);
  const Tensor half = Tensor::scalar(0.5f), zero = Tensor::scalar(0.0f);
  const Node node = node_of("Dropout");
  expect_failure(run_op(node, {numbers(), half, yes}, 13), ErrorCode::kUnsupported, "training mode");
  expect_failure(run_op(node, {numbers(), Tensor{}, yes}, 13), ErrorCode::kUnsupported, "training mode");
  expect_same(only_output(run_op(node, {numbers(), half, no}, 13)), numbers());
  expect_same(only_output(run_op(node, {numbers(), zero, yes}, 13)), numbers());
  expect_failure(run_op(node, {numbers(), half, no}, 13, 1, KnownInputs::kNone), ErrorCode::kUnsupported, "computed");
  expect_failure(run_op(node, {numbers()}, 6), ErrorCode::kUnsupported, "is_test");
}

TEST(Dropout, RefusesMalformedNodes) {
  const Node node = node_of("Dropout");
  expect_failure(run_op(node, {numbers(), Tensor::scalar(0.5f)}, 10), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node, {Tensor::of<std::int32_t>({1}, {1})}, 13), ErrorCode::kInvalid, "float type");
  expect_failure(run_op(node, {numbers(), Tensor{}, Tensor::scalar(1.0f)}, 13), ErrorCode::kInvalid, "one bool");
  expect_failure(run_op(node_of("Dropout", {Attribute::number("ratio", 0.5f)}), {numbers()}, 13),
                 ErrorCode::kUnsupported, "ratio");
}

}  // namespace
}  // namespace pleat
