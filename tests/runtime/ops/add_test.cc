#include <random>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Tensor random_tensor(Shape shape, std::mt19937& random) {
  std::vector<float> values(static_cast<std::size_t>(shape.elements()));
  for (float& value : values) value = static_cast<float>(random()) * 0x1p-31f - 1;
  return Tensor::of(std::move(shape), values);
}

TEST(Add, EqualShapes) {
  expect_same(only_output(run_op(node_of("Add"), {Tensor::of<float>({2}, {1, 2}), Tensor::of<float>({2}, {3, 5})}, 17)),
              Tensor::of<float>({2}, {4, 7}));
  EXPECT_EQ(
      only_output(run_op(node_of("Add"), {*Tensor::allocate(DType::kFloat, {2, 0}), Tensor::scalar(1.0f)}, 17)).shape(),
      (Shape{2, 0}));
}

TEST(Add, BroadcastsBothWaysOnRandomShapes) {
  std::mt19937 random(11);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> full(random() % 5), a_dims, b_dims;
    for (std::int64_t& dim : full) dim = 1 + static_cast<std::int64_t>(random() % 4);
    for (std::int64_t dim : full) a_dims.push_back(random() % 3 == 0 ? 1 : dim);
    for (std::int64_t dim : full) b_dims.push_back(random() % 3 == 0 ? 1 : dim);
    b_dims.erase(b_dims.begin(), b_dims.begin() + static_cast<std::ptrdiff_t>(random() % (b_dims.size() + 1)));
    const Tensor a = random_tensor(Shape(a_dims), random), b = random_tensor(Shape(b_dims), random);
    const Tensor sum = only_output(run_op(node_of("Add"), {a, b}, 7, 1 + round % 2));
    ASSERT_TRUE(sum.present());
    ASSERT_EQ(sum.shape(), *broadcast(a.shape(), b.shape()));
    const auto strides = sum.shape().strides();
    const auto at = [&](const Tensor& tensor, std::int64_t flat) {
      const auto own = tensor.shape().strides();
      const int missing = sum.shape().rank() - tensor.shape().rank();
      std::int64_t index = 0;
      for (int axis = 0; axis < tensor.shape().rank(); ++axis) {
        const int out_axis = axis + missing;
        const std::int64_t i = flat / strides[static_cast<std::size_t>(out_axis)] % sum.shape()[out_axis];
        index += tensor.shape()[axis] == 1 ? 0 : i * own[static_cast<std::size_t>(axis)];
      }
      return tensor.data<float>()[static_cast<std::size_t>(index)];
    };
    for (std::int64_t flat = 0; flat < sum.elements(); ++flat)
      ASSERT_EQ(sum.data<float>()[static_cast<std::size_t>(flat)], at(a, flat) + at(b, flat))
          << a.shape().text() << b.shape().text();
  }
}

TEST(Add, ThreadsDoNotChangeTheResult) {
  std::mt19937 random(3);
  const Tensor a = random_tensor({5, 70, 333}, random), b = random_tensor({70, 1}, random);
  expect_same(only_output(run_op(node_of("Add"), {a, b}, 17, 3)), only_output(run_op(node_of("Add"), {a, b}, 17, 1)));
}

TEST(Add, IntegersWrap) {
  const Tensor most = Tensor::of<std::int32_t>({1}, {INT32_MAX}), one = Tensor::of<std::int32_t>({1}, {1});
  expect_same(only_output(run_op(node_of("Add"), {most, one}, 17)), Tensor::of<std::int32_t>({1}, {INT32_MIN}));
  const Tensor bytes = Tensor::of<std::uint8_t>({1}, {255});
  expect_same(only_output(run_op(node_of("Add"), {bytes, bytes}, 17)), Tensor::of<std::uint8_t>({1}, {254}));
}

TEST(Add, BeforeOpset7BroadcastsOnlyWhereAsked) {
  const Tensor a = Tensor::of<float>({2, 3}, {0, 0, 0, 10, 10, 10});
  const Tensor row = Tensor::of<float>({3}, {1, 2, 3}), column = Tensor::of<float>({2}, {1, 2});
  const Attribute broadcast = Attribute::integer("broadcast", 1);
  expect_same(only_output(run_op(node_of("Add", {broadcast}), {a, row}, 6)),
              Tensor::of<float>({2, 3}, {1, 2, 3, 11, 12, 13}));
  expect_same(only_output(run_op(node_of("Add", {broadcast, Attribute::integer("axis", 0)}), {a, column}, 1)),
              Tensor::of<float>({2, 3}, {1, 1, 1, 12, 12, 12}));
  expect_same(only_output(run_op(node_of("Add"), {row, row}, 6)), Tensor::of<float>({3}, {2, 4, 6}));
  expect_failure(run_op(node_of("Add"), {a, row}, 6), ErrorCode::kInvalid, "'broadcast' is not set");
  expect_failure(run_op(node_of("Add", {broadcast}), {row, a}, 6), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(node_of("Add", {broadcast, Attribute::integer("axis", 2)}), {a, row}, 6), ErrorCode::kInvalid,
                 "axis out of range");
  expect_failure(run_op(node_of("Add", {broadcast}), {row, a.reshaped({2, 3})}, 17), ErrorCode::kUnsupported,
                 "broadcast");
}

TEST(Add, RefusesWhatDoesNotMatch) {
  const Tensor a = Tensor::of<float>({2}, {1, 2});
  expect_failure(run_op(node_of("Add"), {a, Tensor::of<float>({3}, {1, 2, 3})}, 17), ErrorCode::kInvalid, "[3]");
  expect_failure(run_op(node_of("Add"), {a, Tensor::of<double>({2}, {1, 2})}, 17), ErrorCode::kInvalid, "one type");
  expect_failure(run_op(node_of("Add"), {a}, 17), ErrorCode::kInvalid, "number of inputs");
  const Tensor flag = Tensor::of<bool>({1}, {true});
  expect_failure(run_op(node_of("Add"), {flag, flag}, 17), ErrorCode::kUnsupported, "bool");
}

}  // namespace
}  // namespace pleat
