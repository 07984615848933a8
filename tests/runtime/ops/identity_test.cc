#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Identity, CopiesEveryElementType) {
  const std::vector<Tensor> inputs = {Tensor::of<float>({2}, {1.5f, -0.0f}),
                                      Tensor::of<double>({1, 2}, {1e300, 0.1}),
                                      Tensor::of<std::int8_t>({3}, {-1, 0, 1}),
                                      Tensor::of<std::uint16_t>({2}, {1, 65535}),
                                      Tensor::of<std::int64_t>({1}, {INT64_MIN}),
                                      Tensor::of<bool>({2}, {true, false}),
                                      Tensor::scalar<std::int32_t>(7),
                                      *Tensor::allocate(DType::kFloat, {0, 3}),
                                      *Tensor::allocate(DType::kComplex128, {2})};
  for (const Tensor& input : inputs) expect_same(only_output(run_op(node_of("Identity"), {input}, 17)), input);
}

TEST(Identity, RefusesWhatItCannotCopy) {
  const Tensor x = Tensor::scalar(1.0f);
  expect_failure(run_op(node_of("Identity"), {}, 17), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node_of("Identity"), {x, x}, 17), ErrorCode::kInvalid, "number of inputs");
  expect_failure(run_op(node_of("Identity"), {Tensor{}}, 17), ErrorCode::kInvalid, "omitted");
  expect_failure(run_op(node_of("Identity", {Attribute::integer("axis", 1)}), {x}, 17), ErrorCode::kUnsupported,
                 "axis");
  expect_failure(run_op(node_of("Identity"), {*Tensor::allocate(DType::kString, {})}, 17), ErrorCode::kUnsupported,
                 "string");
}

}  // namespace
}  // namespace pleat
