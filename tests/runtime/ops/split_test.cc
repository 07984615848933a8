#include "tests/support/op_expect.h"

namespace pleat {
namespace {

using Ints = std::vector<std::int64_t>;

Tensor list(Ints values) { return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values); }

Node split_of(int outputs, std::vector<Attribute> attributes = {}) {
  return node_of("Split", std::move(attributes), outputs);
}

/// The sizes of the parts of a row of `size`.
Ints sizes_of(const Result<std::vector<Tensor>>& outputs) {
  Ints sizes;
  for (const Tensor& output : outputs.value()) sizes.push_back(output.shape()[output.shape().rank() - 1]);
  return sizes;
}

TEST(Split, CutsAlongTheAxis) {
  const Tensor x = Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6});
  const auto parts = run_op(split_of(2, {Attribute::integer("axis", -1)}), {x, list({1, 2})}, 13);
  ASSERT_TRUE(parts.has_value());
  expect_same((*parts)[0], Tensor::of<float>({2, 1}, {1, 4}));
  expect_same((*parts)[1], Tensor::of<float>({2, 2}, {2, 3, 5, 6}));
  const auto rows = run_op(split_of(2, {Attribute::integers("split", {1, 1})}), {x}, 2);
  ASSERT_TRUE(rows.has_value());
  expect_same((*rows)[1], Tensor::of<float>({1, 3}, {4, 5, 6}));
  const auto columns = run_op(split_of(3, {Attribute::integer("axis", -1)}), {x}, 2);
  ASSERT_TRUE(columns.has_value());
  expect_same((*columns)[2], Tensor::of<float>({2, 1}, {3, 6}));
  expect_same(only_output(run_op(split_of(1), {x}, 13)), x);
}

TEST(Split, LeavesOutWhatIsNotWanted) {
  Node node = split_of(3);
  node.outputs[1].clear();
  const auto parts = run_op(node, {Tensor::of<std::int16_t>({6}, {1, 2, 3, 4, 5, 6}), list({1, 2, 3})}, 13);
  ASSERT_TRUE(parts.has_value());
  EXPECT_FALSE((*parts)[1].present());
  expect_same((*parts)[2], Tensor::of<std::int16_t>({3}, {4, 5, 6}));
}

TEST(Split, EqualPartsUnlessSaid) {
  const Tensor seven = *Tensor::allocate(DType::kFloat, {7});
  const Tensor six = *Tensor::allocate(DType::kFloat, {6});
  EXPECT_EQ(sizes_of(run_op(split_of(3), {six}, 1)), (Ints{2, 2, 2}));
  EXPECT_EQ(sizes_of(run_op(split_of(3), {six, list({1, 2, 3})}, 1)), (Ints{1, 2, 3}));
  EXPECT_EQ(sizes_of(run_op(split_of(3), {six, {}}, 13)), (Ints{2, 2, 2}));
  EXPECT_EQ(sizes_of(run_op(split_of(3, {Attribute::integer("num_outputs", 3)}), {seven}, 18)), (Ints{3, 3, 1}));
  EXPECT_EQ(sizes_of(run_op(split_of(3), {six, list({0, 6, 0})}, 13)), (Ints{0, 6, 0}));
  expect_failure(run_op(split_of(3), {seven}, 13), ErrorCode::kInvalid, "multiple of 3");
  expect_failure(run_op(split_of(6), {seven}, 18), ErrorCode::kInvalid, "divide into the outputs");
}

TEST(Split, RefusesSizesThatDoNotAddUp) {
  const Tensor x = *Tensor::allocate(DType::kFloat, {6});
  for (const Ints& sizes : {Ints{3, 2}, {3, 4}, {-1, 7}, {INT64_MAX, INT64_MAX}})
    expect_failure(run_op(split_of(2), {x, list(sizes)}, 13), ErrorCode::kInvalid, "sum to 6");
  expect_failure(run_op(split_of(2), {x, list({2, 2, 2})}, 13), ErrorCode::kInvalid, "2 sizes");
  expect_failure(run_op(split_of(2, {Attribute::integer("num_outputs", 3)}), {x}, 18), ErrorCode::kInvalid,
                 "num_outputs");
  expect_failure(run_op(split_of(2, {Attribute::integer("axis", 1)}), {x}, 13), ErrorCode::kInvalid, "axis");
}

}  // namespace
}  // namespace pleat
