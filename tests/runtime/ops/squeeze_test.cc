#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

const Tensor kX = Tensor::of<float>({1, 2, 1}, {3, 4});

TEST(Squeeze, TakesTheNamedAxesOrAllOfSizeOne) {
  const Tensor flat = Tensor::of<float>({2}, {3, 4});
  expect_same(only_output(run_op(node_of("Squeeze"), {kX}, 1)), flat);
  expect_same(only_output(run_op(node_of("Squeeze"), {kX}, 13)), flat);
  expect_same(only_output(run_op(node_of("Squeeze"), {kX, {}}, 21)), flat);
  expect_same(only_output(run_op(node_of("Squeeze", {Attribute::integers("axes", {0})}), {kX}, 11)),
              kX.reshaped({2, 1}));
  expect_same(only_output(run_op(node_of("Squeeze"), {kX, list({-1, 0})}, 13)), flat);
  EXPECT_EQ(only_output(run_op(node_of("Squeeze"), {kX, list({})}, 13)).shape(), kX.shape());
}

TEST(Squeeze, KeepsWhatIsKnown) {
  const Tensor y = only_output(run_op(node_of("Squeeze"), {kX, list({0})}, 13, 1, KnownInputs::kAll));
  expect_same(y, kX.reshaped({2, 1}));
}

TEST(Squeeze, RefusesOtherAxes) {
  expect_failure(run_op(node_of("Squeeze"), {kX, list({1})}, 13), ErrorCode::kInvalid, "axis 1 of [1,2,1]");
  expect_failure(run_op(node_of("Squeeze"), {kX, list({3})}, 13), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(node_of("Squeeze"), {kX, list({0, -3})}, 13), ErrorCode::kInvalid, "named twice");
  expect_failure(run_op(node_of("Squeeze"), {kX, list({0})}, 11), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node_of("Squeeze", {Attribute::integers("axes", {0})}), {kX}, 13), ErrorCode::kUnsupported,
                 "axes");
}

}  // namespace
}  // namespace pleat
