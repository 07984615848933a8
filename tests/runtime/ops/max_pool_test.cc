#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Attribute kernel(std::vector<std::int64_t> sizes) { return Attribute::integers("kernel_shape", std::move(sizes)); }

Tensor counted(Shape shape) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) values.push_back(static_cast<float>(i + 1));
  return Tensor::of(std::move(shape), values);
}

TEST(MaxPool, LargestUnderEachWindow) {
  const Node node = node_of("MaxPool", {kernel({2, 2}), Attribute::integers("strides", {2, 2})});
  expect_same(only_output(run_op(node, {counted({1, 1, 4, 4})}, 1)), Tensor::of<float>({1, 1, 2, 2}, {6, 8, 14, 16}));
}

TEST(MaxPool, CeilModeKeepsTheLastWindowThatStartsInside) {
  const auto shape = [](std::int64_t size, std::vector<std::int64_t> pads) {
    const Node node = node_of("MaxPool", {kernel({2}), Attribute::integers("strides", {2}),
                                          Attribute::integer("ceil_mode", 1), Attribute::integers("pads", pads)});
    return only_output(run_op(node, {counted({1, 1, size})}, 12)).shape();
  };
  EXPECT_EQ(shape(5, {0, 0}), (Shape{1, 1, 3}));
  EXPECT_EQ(shape(4, {0, 0}), (Shape{1, 1, 2}));
  EXPECT_EQ(shape(4, {0, 1}), (Shape{1, 1, 2})) << "a third window would start in the padding";
}

TEST(MaxPool, IndicesPointIntoTheWholeInput) {
  const Tensor x = counted({1, 2, 2, 4});
  const auto run = [&](std::int64_t order) {
    return run_op(
        node_of("MaxPool",
                {kernel({2, 2}), Attribute::integers("strides", {2, 2}), Attribute::integer("storage_order", order)},
                2),
        {x}, 12, 2);
  };
  const auto rows = run(0), columns = run(1);
  ASSERT_TRUE(rows.has_value() && columns.has_value());
  expect_same((*rows)[1], Tensor::of<std::int64_t>({1, 2, 1, 2}, {5, 7, 13, 15}));
  expect_same((*columns)[1], Tensor::of<std::int64_t>({1, 2, 1, 2}, {3, 7, 11, 15}));
  expect_failure(run(2), ErrorCode::kInvalid, "storage_order");
}

TEST(MaxPool, BytesFromOpset12) {
  const Tensor x = Tensor::of<std::uint8_t>({1, 1, 3}, {200, 7, 9});
  expect_same(only_output(run_op(node_of("MaxPool", {kernel({2})}), {x}, 12)),
              Tensor::of<std::uint8_t>({1, 1, 2}, {200, 9}));
  expect_failure(run_op(node_of("MaxPool", {kernel({2})}), {x}, 11), ErrorCode::kUnsupported, "uint8");
}

TEST(MaxPool, RefusesWhatDoesNotFit) {
  const Tensor x = counted({1, 1, 3, 3});
  expect_failure(run_op(node_of("MaxPool"), {x}, 12), ErrorCode::kInvalid, "kernel_shape");
  expect_failure(run_op(node_of("MaxPool", {kernel({2})}), {x}, 12), ErrorCode::kInvalid, "kernel_shape");
  expect_failure(run_op(node_of("MaxPool", {kernel({4, 4})}), {x}, 12), ErrorCode::kInvalid, "padded input");
  expect_failure(run_op(node_of("MaxPool", {kernel({2, 2})}, 2), {x}, 1), ErrorCode::kInvalid, "outputs");
  expect_failure(run_op(node_of("MaxPool", {kernel({2, 2}), Attribute::integer("ceil_mode", 1)}), {x}, 8),
                 ErrorCode::kUnsupported, "ceil_mode");
}

}  // namespace
}  // namespace pleat
