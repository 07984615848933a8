#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

const Tensor kX = Tensor::of<std::int64_t>({2}, {3, 4});

TEST(Unsqueeze, AxesArePlacesInTheOutput) {
  expect_same(only_output(run_op(node_of("Unsqueeze", {Attribute::integers("axes", {2, 0})}), {kX}, 1)),
              kX.reshaped({1, 2, 1}));
  expect_same(only_output(run_op(node_of("Unsqueeze"), {kX, list({-1, 0})}, 13)), kX.reshaped({1, 2, 1}));
  expect_same(only_output(run_op(node_of("Unsqueeze"), {Tensor::scalar(2.0F), list({0})}, 21)),
              Tensor::of<float>({1}, {2}));
  expect_same(only_output(run_op(node_of("Unsqueeze"), {kX, list({})}, 13)), kX);
}

TEST(Unsqueeze, KeepsWhatIsKnown) {
  const Tensor y = only_output(run_op(node_of("Unsqueeze"), {kX, list({1})}, 13, 1, KnownInputs::kAll));
  expect_same(y, kX.reshaped({2, 1}));
}

TEST(Unsqueeze, RefusesOtherAxes) {
  expect_failure(run_op(node_of("Unsqueeze"), {kX, list({2})}, 13), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(node_of("Unsqueeze"), {kX, list({0, -3})}, 13), ErrorCode::kInvalid, "named twice");
  expect_failure(run_op(node_of("Unsqueeze"), {kX}, 13), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node_of("Unsqueeze"), {kX}, 11), ErrorCode::kInvalid, "'axes' is missing");
  expect_failure(run_op(node_of("Unsqueeze"), {kX, Tensor::of<float>({1}, {0})}, 13), ErrorCode::kInvalid, "axes");
}

}  // namespace
}  // namespace pleat
