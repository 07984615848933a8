#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node with(std::int64_t block, const char* mode) {
  return node_of("DepthToSpace", {Attribute::integer("blocksize", block), Attribute::text("mode", mode)});
}

TEST(DepthToSpace, ChannelsBecomeBlocks) {
  const Tensor x = Tensor::of<float>({1, 8, 1, 1}, {0, 1, 2, 3, 4, 5, 6, 7});
  expect_same(only_output(run_op(with(2, "DCR"), {x}, 11)), Tensor::of<float>({1, 2, 2, 2}, {0, 2, 4, 6, 1, 3, 5, 7}));
  expect_same(only_output(run_op(with(2, "CRD"), {x}, 13)), Tensor::of<float>({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7}));
  const Tensor wide = Tensor::of<std::int16_t>({1, 4, 1, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  expect_same(only_output(run_op(node_of("DepthToSpace", {Attribute::integer("blocksize", 2)}), {wide}, 1)),
              Tensor::of<std::int16_t>({1, 1, 2, 4}, {0, 2, 1, 3, 4, 6, 5, 7}));
}

TEST(DepthToSpace, RefusesWhatDoesNotDivide) {
  const Tensor x = *Tensor::allocate(DType::kFloat, {1, 6, 2, 2});
  expect_failure(run_op(with(2, "DCR"), {x}, 13), ErrorCode::kInvalid, "multiple of 4");
  expect_failure(run_op(with(0, "DCR"), {x}, 13), ErrorCode::kInvalid, "blocksize");
  expect_failure(run_op(with(1, "RDC"), {x}, 13), ErrorCode::kInvalid, "unknown mode");
  expect_failure(run_op(with(1, "DCR"), {*Tensor::allocate(DType::kFloat, {6})}, 13), ErrorCode::kInvalid, "[N,C,H,W]");
}

}  // namespace
}  // namespace pleat
