#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor six() { return Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6}); }

Result<std::vector<Tensor>> reshape(const Tensor& x, std::vector<std::int64_t> shape, std::int64_t allow_zero = 0) {
  const Tensor target = Tensor::of(Shape{static_cast<std::int64_t>(shape.size())}, shape);
  return run_op(node_of("Reshape", {Attribute::integer("allowzero", allow_zero)}), {x, target}, 17);
}

TEST(Reshape, TakesTheShapeOfItsSecondInput) {
  expect_same(only_output(reshape(six(), {3, 2})), six().reshaped({3, 2}));
  expect_same(only_output(reshape(six(), {-1})), six().reshaped({6}));
  expect_same(only_output(reshape(six(), {1, -1, 2})), six().reshaped({1, 3, 2}));
  expect_same(only_output(reshape(six(), {0, -1})), six());
  expect_same(only_output(reshape(six(), {0, 0, 1})), six().reshaped({2, 3, 1}));
  expect_same(only_output(reshape(Tensor::scalar(4.0f), {})), Tensor::scalar(4.0f));
  expect_same(only_output(reshape(Tensor::scalar(4.0f), {1, 1})), Tensor::of<float>({1, 1}, {4}));
}

TEST(Reshape, HandlesNoElements) {
  const Tensor none = *Tensor::allocate(DType::kFloat, {0, 3});
  EXPECT_EQ(only_output(reshape(none, {3, 0}, 1)).shape(), (Shape{3, 0}));
  EXPECT_EQ(only_output(reshape(none, {0, 7})).shape(), (Shape{0, 7}));
  EXPECT_EQ(only_output(reshape(none, {-1, 5})).shape(), (Shape{0, 5}));
  expect_failure(reshape(none, {0, -1}, 1), ErrorCode::kInvalid, "do not go together");
  expect_failure(reshape(none, {0, -1}), ErrorCode::kInvalid, "do not fit");
}

TEST(Reshape, TakesTheAttributeInOpset1) {
  const Node node = node_of("Reshape", {Attribute::integers("shape", {3, -1})});
  expect_same(only_output(run_op(node, {six()}, 1)), six().reshaped({3, 2}));
  expect_failure(run_op(node_of("Reshape"), {six()}, 1), ErrorCode::kInvalid, "'shape' is missing");
  expect_failure(run_op(node, {six()}, 5), ErrorCode::kUnsupported, "shape");
}

TEST(Reshape, RefusesShapesThatDoNotFit) {
  expect_failure(reshape(six(), {4}), ErrorCode::kInvalid, "do not fit");
  expect_failure(reshape(six(), {4, -1}), ErrorCode::kInvalid, "do not fit");
  expect_failure(reshape(six(), {-1, -1}), ErrorCode::kInvalid, "more than one");
  expect_failure(reshape(six(), {-2, -3}), ErrorCode::kInvalid, "negative");
  expect_failure(reshape(six(), {2, 3, 0}), ErrorCode::kInvalid, "lacks");
  expect_failure(reshape(six(), {INT64_MAX, INT64_MAX}), ErrorCode::kResource, "too large");
  expect_failure(reshape(six(), {INT64_MIN}), ErrorCode::kInvalid, "negative");
}

TEST(Reshape, RefusesAShapeItCannotKnowOrRead) {
  const Tensor target = Tensor::of<std::int64_t>({1}, {6});
  expect_failure(run_op(node_of("Reshape"), {six(), target}, 17, 1, KnownInputs::kNone), ErrorCode::kUnsupported,
                 "computed from the model's input");
  expect_failure(run_op(node_of("Reshape"), {six(), six()}, 17), ErrorCode::kInvalid, "int64");
  expect_failure(run_op(node_of("Reshape"), {six()}, 17), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node_of("Reshape"), {six(), Tensor{}}, 17), ErrorCode::kInvalid, "omitted");
}

}  // namespace
}  // namespace pleat
