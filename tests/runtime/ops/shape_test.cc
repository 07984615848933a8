#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor list(std::vector<std::int64_t> values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

Tensor shape_of(std::vector<Attribute> attributes, int opset = 15) {
  return only_output(
      run_op(node_of("Shape", std::move(attributes)), {*Tensor::allocate(DType::kFloat, {2, 3, 4})}, opset));
}

TEST(Shape, IsKnownWhenPlanning) {
  expect_same(shape_of({}, 1), list({2, 3, 4}));
  expect_same(only_output(run_op(node_of("Shape"), {Tensor::scalar(1.0F)}, 13)), list({}));
}

TEST(Shape, FromStartToEnd) {
  expect_same(shape_of({Attribute::integer("start", 1)}), list({3, 4}));
  expect_same(shape_of({Attribute::integer("start", -1)}), list({4}));
  expect_same(shape_of({Attribute::integer("end", -1)}), list({2, 3}));
  expect_same(shape_of({Attribute::integer("start", -10), Attribute::integer("end", 10)}), list({2, 3, 4}));
  expect_same(shape_of({Attribute::integer("start", 2), Attribute::integer("end", 1)}), list({}));
  expect_failure(run_op(node_of("Shape", {Attribute::integer("start", 1)}), {Tensor::scalar(1.0F)}, 13),
                 ErrorCode::kUnsupported, "start");
}

}  // namespace
}  // namespace pleat
