#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

Tensor expanded(const Tensor& x, std::vector<std::int64_t> shape, KnownInputs known = KnownInputs::kAllButFirst) {
  return only_output(run_op(node_of("Expand"), {x, list(std::move(shape))}, 13, 2, known));
}

TEST(Expand, RepeatsAxesOfSizeOneAndNewOnes) {
  const Tensor column = Tensor::of<float>({2, 1}, {1, 2});
  expect_same(expanded(column, {2, 3}), Tensor::of<float>({2, 3}, {1, 1, 1, 2, 2, 2}));
  expect_same(expanded(column, {3}), Tensor::of<float>({2, 3}, {1, 1, 1, 2, 2, 2}));
  const Tensor row = Tensor::of<std::uint8_t>({2}, {1, 2});
  expect_same(expanded(row, {3, 1}), Tensor::of<std::uint8_t>({3, 2}, {1, 2, 1, 2, 1, 2}));
  expect_same(expanded(Tensor::scalar(5.0), {2, 2}), Tensor::of<double>({2, 2}, {5, 5, 5, 5}));
}

TEST(Expand, IsAViewWhereNothingRepeats) {
  const Tensor x = Tensor::of<std::int64_t>({2}, {1, 2});
  expect_same(expanded(x, {1, 1, 2}), x.reshaped({1, 1, 2}));
  expect_same(expanded(x, {1, 1, 2}, KnownInputs::kAll), x.reshaped({1, 1, 2}));
  EXPECT_EQ(expanded(*Tensor::allocate(DType::kFloat, {1, 0}), {4, 1}).shape(), (Shape{4, 0}));
  EXPECT_EQ(expanded(*Tensor::allocate(DType::kFloat, {1}), {0}).shape(), (Shape{0}));
}

TEST(Expand, RefusesWhatDoesNotBroadcast) {
  const Tensor x = Tensor::of<float>({2}, {1, 2});
  const auto run = [&](std::vector<std::int64_t> shape) { return run_op(node_of("Expand"), {x, list(shape)}, 8); };
  expect_failure(run({3}), ErrorCode::kInvalid, "do not broadcast");
  expect_failure(run({-1, 2}), ErrorCode::kInvalid, "negative");
  expect_failure(run({INT64_MAX, 2}), ErrorCode::kResource, "too large");
  expect_failure(run({std::int64_t{1} << 40, 2}), ErrorCode::kResource, "too long");
  expect_failure(run_op(node_of("Expand"), {x, list({2})}, 8, 1, KnownInputs::kNone), ErrorCode::kUnsupported, "shape");
}

}  // namespace
}  // namespace pleat
