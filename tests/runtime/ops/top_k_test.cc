#include <limits>

#include "tests/support/op_expect.h"

namespace pleat {
namespace {

void expect_pair(const Result<std::vector<Tensor>>& got, const Tensor& values, const Tensor& indices) {
  ASSERT_TRUE(got.has_value()) << got.error().text();
  ASSERT_EQ(got->size(), 2u);
  expect_same((*got)[0], values);
  expect_same((*got)[1], indices);
}

Node node(std::vector<Attribute> attributes) { return node_of("TopK", std::move(attributes), 2); }

const Tensor& matrix() {
  static const Tensor x = Tensor::of<float>({2, 4}, {1, 4, 4, 3, 9, 7, 8, 7});
  return x;
}

TEST(TopK, KIsAnAttributeBeforeOpset10) {
  expect_pair(run_op(node({Attribute::integer("k", 2)}), {matrix()}, 1), Tensor::of<float>({2, 2}, {4, 4, 9, 8}),
              Tensor::of<std::int64_t>({2, 2}, {1, 2, 0, 2}));
  expect_failure(run_op(node({}), {matrix()}, 1), ErrorCode::kInvalid, "'k' is missing");
}

TEST(TopK, KIsAnInputFromOpset10) {
  const Tensor k = Tensor::of<std::int64_t>({1}, {1});
  for (int threads : {1, 2})
    expect_pair(run_op(node({Attribute::integer("axis", 0)}), {matrix(), k}, 10, threads),
                Tensor::of<float>({1, 4}, {9, 7, 8, 7}), Tensor::of<std::int64_t>({1, 4}, {1, 1, 1, 1}));
  expect_failure(run_op(node({}), {matrix(), k}, 11, 1, KnownInputs::kNone), ErrorCode::kUnsupported, "K");
}

TEST(TopK, SmallestFromOpset11) {
  const Tensor k = Tensor::of<std::int64_t>({1}, {3});
  const std::vector<Attribute> smallest = {Attribute::integer("largest", 0), Attribute::integer("sorted", 0)};
  expect_pair(run_op(node(smallest), {matrix(), k}, 11), Tensor::of<float>({2, 3}, {1, 3, 4, 7, 7, 8}),
              Tensor::of<std::int64_t>({2, 3}, {0, 3, 1, 1, 3, 2}));
}

TEST(TopK, NanIsTheGreatest) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto got = run_op(node({}), {Tensor::of<float>({4}, {1, nan, 3, nan}), Tensor::of<std::int64_t>({1}, {3})}, 11);
  ASSERT_TRUE(got.has_value());
  expect_same((*got)[1], Tensor::of<std::int64_t>({3}, {1, 3, 2}));
}

TEST(TopK, RefusesMoreThanThereIs) {
  expect_failure(run_op(node({}), {matrix(), Tensor::of<std::int64_t>({1}, {5})}, 11), ErrorCode::kInvalid, "0 to 4");
  expect_failure(run_op(node({}), {matrix(), Tensor::of<std::int64_t>({1}, {-1})}, 11), ErrorCode::kInvalid, "0 to 4");
}

}  // namespace
}  // namespace pleat
