#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

const float kInf = std::numeric_limits<float>::infinity();

Tensor list(std::initializer_list<float> values) {
  return Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(Clip, BoundsAreAttributesBeforeOpset11) {
  const Node node = node_of("Clip", {Attribute::number("min", -1), Attribute::number("max", 2)});
  for (int opset : {1, 6}) expect_same(only_output(run_op(node, {list({-3, 0.5F, 9})}, opset)), list({-1, 0.5F, 2}));
  expect_same(only_output(run_op(node_of("Clip"), {list({-kInf, 0, 3e38F})}, 6)),
              list({std::numeric_limits<float>::lowest(), 0, 3e38F}));
  expect_failure(run_op(node, {list({1})}, 11), ErrorCode::kUnsupported, "'m");
  expect_failure(run_op(node, {list({1}), Tensor::scalar(0.0F)}, 6), ErrorCode::kInvalid, "number of inputs");
}

TEST(Clip, BoundsAreInputsFromOpset11) {
  const Tensor x = list({-3, 0.5F, 9}), low = Tensor::scalar(-1.0F), high = Tensor::scalar(2.0F);
  for (KnownInputs known : {KnownInputs::kAllButFirst, KnownInputs::kNone}) {
    expect_same(only_output(run_op(node_of("Clip"), {x, low, high}, 11, 1, known)), list({-1, 0.5F, 2}));
    expect_same(only_output(run_op(node_of("Clip"), {x, Tensor{}, high}, 13, 1, known)), list({-3, 0.5F, 2}));
    expect_same(only_output(run_op(node_of("Clip"), {x, low}, 13, 1, known)), list({-1, 0.5F, 9}));
  }
  expect_same(only_output(run_op(node_of("Clip"), {x}, 13)), x);
  expect_same(only_output(run_op(node_of("Clip"), {x, high, low}, 13)), list({-1, -1, -1}));
}

TEST(Clip, IntegersFromOpset12) {
  const Tensor x = Tensor::of<std::int8_t>({3}, {-128, 3, 127});
  const Tensor low = Tensor::scalar<std::int8_t>(-2), high = Tensor::scalar<std::int8_t>(5);
  expect_same(only_output(run_op(node_of("Clip"), {x, low, high}, 12)), Tensor::of<std::int8_t>({3}, {-2, 3, 5}));
  expect_same(only_output(run_op(node_of("Clip"), {x}, 12)), x);
  expect_failure(run_op(node_of("Clip"), {x, low, high}, 11), ErrorCode::kUnsupported, "int8");
}

TEST(Clip, RefusesBoundsThatAreNotOneNumber) {
  expect_failure(run_op(node_of("Clip"), {list({1}), list({1, 2})}, 13), ErrorCode::kInvalid, "'min'");
  expect_failure(run_op(node_of("Clip"), {list({1}), Tensor{}, Tensor::scalar(1.0)}, 13), ErrorCode::kInvalid, "'max'");
}

}  // namespace
}  // namespace pleat
