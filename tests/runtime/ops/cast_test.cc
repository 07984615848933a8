#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node to(DType dtype) { return node_of("Cast", {Attribute::integer("to", static_cast<std::int64_t>(dtype))}); }

TEST(Cast, ChangesTheType) {
  const Tensor x = Tensor::of<float>({3}, {-1.5, 0, 300});
  expect_same(only_output(run_op(to(DType::kInt32), {x}, 6)), Tensor::of<std::int32_t>({3}, {-1, 0, 300}));
  expect_same(only_output(run_op(to(DType::kBool), {x}, 13)), Tensor::of<bool>({3}, {true, false, true}));
  const Tensor half = only_output(run_op(to(DType::kFloat16), {x}, 13));
  expect_same(only_output(run_op(to(DType::kFloat), {half}, 21)), x);
  expect_same(only_output(run_op(node_of("Cast", {Attribute::text("to", "INT64")}), {x}, 1)),
              Tensor::of<std::int64_t>({3}, {-1, 0, 300}));
}

TEST(Cast, RefusesTypesWithoutNumbers) {
  const Tensor x = Tensor::of<float>({1}, {1});
  expect_failure(run_op(to(DType::kString), {x}, 13), ErrorCode::kUnsupported, "string");
  expect_failure(run_op(to(static_cast<DType>(17)), {x}, 19), ErrorCode::kUnsupported, "type 17");
  expect_failure(run_op(node_of("Cast"), {x}, 13), ErrorCode::kInvalid, "'to' is missing");
  expect_failure(run_op(node_of("Cast", {Attribute::text("to", "REAL")}), {x}, 1), ErrorCode::kInvalid,
                 "no element type");
}

}  // namespace
}  // namespace pleat
