#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Result<std::vector<Tensor>> constant(std::vector<Attribute> attributes, int opset = 17) {
  return run_op(node_of("Constant", std::move(attributes)), {}, opset);
}

TEST(Constant, GivesEachKindOfValue) {
  const Tensor tensor = Tensor::of<double>({2}, {1, 2});
  expect_same(only_output(constant({Attribute::tensor("value", tensor)}, 1)), tensor);
  expect_same(only_output(constant({Attribute::number("value_float", 1.5f)})), Tensor::scalar(1.5f));
  expect_same(only_output(constant({Attribute::integer("value_int", -3)})), Tensor::scalar<std::int64_t>(-3));
  expect_same(only_output(constant({Attribute::integers("value_ints", {4, 5})})),
              Tensor::of<std::int64_t>({2}, {4, 5}));
  Attribute floats;
  floats.name = "value_floats";
  floats.type = Attribute::Type::kFloats;
  floats.value = std::vector<float>{0.5f, 2};
  expect_same(only_output(constant({floats})), Tensor::of<float>({2}, {0.5f, 2}));
}

TEST(Constant, RefusesOtherKinds) {
  expect_failure(constant({Attribute::text("value_string", "a")}), ErrorCode::kUnsupported, "value_string");
  expect_failure(constant({Attribute::tensor("value", Tensor{})}), ErrorCode::kUnsupported, "element type");
  Attribute sparse;
  sparse.name = "sparse_value";
  sparse.type = Attribute::Type::kSparseTensor;
  expect_failure(constant({sparse}), ErrorCode::kUnsupported, "sparse_value");
}

TEST(Constant, RefusesMalformedNodes) {
  const Attribute one = Attribute::integer("value_int", 1);
  expect_failure(constant({}), ErrorCode::kInvalid, "no value");
  expect_failure(constant({one, Attribute::number("value_float", 1)}), ErrorCode::kInvalid, "one value");
  expect_failure(constant({one}, 11), ErrorCode::kInvalid, "opset 12");
  expect_failure(constant({Attribute::integer("value_float", 1)}), ErrorCode::kInvalid, "wrong type");
  expect_failure(run_op(node_of("Constant", {one}), {Tensor::scalar(1.0f)}, 17), ErrorCode::kInvalid, "inputs");
}

}  // namespace
}  // namespace pleat
