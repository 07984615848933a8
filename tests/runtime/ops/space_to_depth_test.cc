#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node with(std::int64_t block) { return node_of("SpaceToDepth", {Attribute::integer("blocksize", block)}); }

TEST(SpaceToDepth, BlocksBecomeChannels) {
  const Tensor x = Tensor::of<float>({1, 2, 2, 2}, {0, 1, 2, 3, 4, 5, 6, 7});
  expect_same(only_output(run_op(with(2), {x}, 1)), Tensor::of<float>({1, 8, 1, 1}, {0, 4, 1, 5, 2, 6, 3, 7}));
}

TEST(SpaceToDepth, UndoesDepthToSpace) {
  std::vector<std::int32_t> values;
  for (std::int32_t i = 0; i < 2 * 18 * 2 * 3; ++i) values.push_back(i);
  const Tensor x = Tensor::of<std::int32_t>({2, 18, 2, 3}, values);
  const Tensor space = only_output(run_op(node_of("DepthToSpace", {Attribute::integer("blocksize", 3)}), {x}, 13));
  EXPECT_EQ(space.shape(), (Shape{2, 2, 6, 9}));
  expect_same(only_output(run_op(with(3), {space}, 13, 2)), x);
}

TEST(SpaceToDepth, RefusesWhatDoesNotDivide) {
  expect_failure(run_op(with(2), {*Tensor::allocate(DType::kFloat, {1, 1, 3, 4})}, 13), ErrorCode::kInvalid,
                 "multiples of 2");
  expect_failure(run_op(with(-1), {*Tensor::allocate(DType::kFloat, {1, 1, 4, 4})}, 13), ErrorCode::kInvalid,
                 "blocksize");
}

}  // namespace
}  // namespace pleat
