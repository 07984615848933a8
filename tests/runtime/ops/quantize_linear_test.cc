#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node with(std::vector<Attribute> attributes) { return node_of("QuantizeLinear", std::move(attributes)); }

TEST(QuantizeLinear, RoundsHalvesToEvenAndSaturates) {
  const Tensor x = Tensor::of<float>({6}, {1, 3, 5, -1, 1000, -1000}), two = Tensor::scalar(2.0F);
  expect_same(only_output(run_op(with({}), {x, two}, 10)), Tensor::of<std::uint8_t>({6}, {0, 2, 2, 0, 255, 0}));
  expect_same(only_output(run_op(with({}), {x, two, Tensor::scalar(std::int8_t{1})}, 10)),
              Tensor::of<std::int8_t>({6}, {1, 3, 3, 1, 127, -128}));
  expect_same(only_output(run_op(with({}),
                                 {Tensor::of<std::int32_t>({2}, {7, -9}), two, Tensor::scalar(std::uint8_t{10})}, 13)),
              Tensor::of<std::uint8_t>({2}, {14, 6}));
}

TEST(QuantizeLinear, AScaleForEachPositionOfAnAxisOrBlock) {
  const Tensor x = Tensor::of<float>({2, 3}, {2, 4, 6, 8, 10, 12});
  const Tensor rows = Tensor::of<float>({2}, {2, 4}), zeros = Tensor::of<std::int8_t>({2}, {0, 1});
  expect_same(only_output(run_op(with({Attribute::integer("axis", -2)}), {x, rows, zeros}, 13, 2)),
              Tensor::of<std::int8_t>({2, 3}, {1, 2, 3, 3, 3, 4}));
  const Tensor blocks = Tensor::of<float>({2, 2}, {1, 2, 2, 4});
  expect_same(only_output(run_op(with({Attribute::integer("block_size", 2)}), {x, blocks}, 21)),
              Tensor::of<std::uint8_t>({2, 3}, {2, 4, 3, 4, 5, 3}));
}

TEST(QuantizeLinear, FromOpset21Also16Bits) {
  const Tensor x = Tensor::of<float>({1}, {1e6}), one = Tensor::scalar(1.0F);
  const Attribute wide = Attribute::integer("output_dtype", static_cast<std::int64_t>(DType::kUint16));
  expect_same(only_output(run_op(with({wide}), {x, one}, 21)), Tensor::of<std::uint16_t>({1}, {65535}));
  expect_failure(run_op(with({}), {x, one, Tensor::scalar(std::uint16_t{0})}, 19), ErrorCode::kUnsupported, "uint16");
}

TEST(QuantizeLinear, RefusesWhatDoesNotFit) {
  const Tensor x = Tensor::of<float>({1, 2}, {1, 2}), three = Tensor::of<float>({3}, {1, 1, 1}),
               one = Tensor::scalar(1.0F);
  expect_failure(run_op(with({}), {x, three}, 13), ErrorCode::kInvalid, "does not fit the axis");
  expect_failure(run_op(with({Attribute::integer("axis", 2)}), {x, three}, 13), ErrorCode::kInvalid,
                 "axis out of range");
  expect_failure(run_op(with({}), {x, one, Tensor::of<std::int8_t>({2}, {1, 2})}, 13), ErrorCode::kInvalid,
                 "zero point");
  expect_failure(run_op(with({Attribute::integer("block_size", -1)}), {x, one}, 21), ErrorCode::kInvalid, "block_size");
}

}  // namespace
}  // namespace pleat
