#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node with(std::vector<Attribute> attributes) { return node_of("DequantizeLinear", std::move(attributes)); }

TEST(DequantizeLinear, SubtractsThenScales) {
  const Tensor x = Tensor::of<std::uint8_t>({3}, {0, 10, 255}), half = Tensor::scalar(0.5F);
  expect_same(only_output(run_op(with({}), {x, half}, 10)), Tensor::of<float>({3}, {0, 5, 127.5}));
  expect_same(only_output(run_op(with({}), {x, half, Tensor::scalar(std::uint8_t{10})}, 13)),
              Tensor::of<float>({3}, {-5, 0, 122.5}));
  const Tensor wide = Tensor::of<std::int32_t>({1}, {INT32_MIN});
  expect_same(only_output(run_op(with({}), {wide, Tensor::scalar(1.0), Tensor::scalar(INT32_MAX)}, 10)),
              Tensor::of<double>({1}, {-4294967295.0}));
}

TEST(DequantizeLinear, AScaleForEachPositionOfAnAxisOrBlock) {
  const Tensor x = Tensor::of<std::int8_t>({2, 2}, {1, 2, 3, 4});
  expect_same(only_output(run_op(with({}), {x, Tensor::of<float>({2}, {1, 10})}, 13)),
              Tensor::of<float>({2, 2}, {1, 20, 3, 40}));
  const Attribute axis = Attribute::integer("axis", 0), block = Attribute::integer("block_size", 2);
  expect_same(only_output(run_op(with({axis, block}), {x, Tensor::of<float>({1, 2}, {1, 10})}, 21)),
              Tensor::of<float>({2, 2}, {1, 20, 3, 40}));
}

TEST(DequantizeLinear, RefusesWhatDoesNotFit) {
  const Tensor x = Tensor::of<std::int8_t>({2}, {1, 2}), one = Tensor::scalar(1.0F);
  expect_failure(run_op(with({}), {x, one, Tensor::scalar(std::uint8_t{0})}, 13), ErrorCode::kInvalid, "type of x");
  expect_failure(run_op(with({}), {one, one}, 13), ErrorCode::kUnsupported, "float");
  expect_failure(run_op(with({}), {x, x}, 13), ErrorCode::kUnsupported, "scale");
  expect_failure(run_op(with({}), {x}, 13), ErrorCode::kInvalid, "number of inputs");
}

}  // namespace
}  // namespace pleat
