#include "tests/support/op_expect.h"

namespace pleat {
namespace {

Node along(std::int64_t axis) { return node_of("Concat", {Attribute::integer("axis", axis)}); }

TEST(Concat, JoinsAlongAnyAxis) {
  const Tensor a = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  const Tensor b = Tensor::of<float>({2, 1}, {5, 6});
  const Tensor c = Tensor::of<float>({1, 2}, {7, 8});
  expect_same(only_output(run_op(along(1), {a, b, a}, 17)), Tensor::of<float>({2, 5}, {1, 2, 5, 1, 2, 3, 4, 6, 3, 4}));
  expect_same(only_output(run_op(along(-1), {b, a}, 11)), Tensor::of<float>({2, 3}, {5, 1, 2, 6, 3, 4}));
  expect_same(only_output(run_op(along(0), {a, c}, 4)), Tensor::of<float>({3, 2}, {1, 2, 3, 4, 7, 8}));
  expect_same(only_output(run_op(along(0), {a}, 17)), a);
}

TEST(Concat, MovesAnyTypeAndEmptyParts) {
  const Tensor none = *Tensor::allocate(DType::kInt64, {2, 0});
  const Tensor some = Tensor::of<std::int64_t>({2, 1}, {INT64_MAX, -1});
  expect_same(only_output(run_op(along(1), {none, some, none}, 17)), some);
  EXPECT_EQ(only_output(run_op(along(1), {none, none}, 17)).shape(), (Shape{2, 0}));
  expect_same(only_output(run_op(along(0), {Tensor::of<bool>({1}, {true}), Tensor::of<bool>({2}, {false, true})}, 17)),
              Tensor::of<bool>({3}, {true, false, true}));
}

TEST(Concat, AxisIsOneInOpset1UnlessSaidAndNeededLater) {
  const Tensor a = Tensor::of<float>({1, 1}, {1});
  EXPECT_EQ(only_output(run_op(node_of("Concat"), {a, a}, 1)).shape(), (Shape{1, 2}));
  expect_failure(run_op(node_of("Concat"), {a, a}, 4), ErrorCode::kInvalid, "'axis' is missing");
}

TEST(Concat, RefusesWhatDoesNotJoin) {
  const Tensor a = Tensor::of<float>({2, 2}, {1, 2, 3, 4});
  expect_failure(run_op(along(0), {a, Tensor::of<float>({1, 3}, {1, 2, 3})}, 17), ErrorCode::kInvalid, "axis 0");
  expect_failure(run_op(along(0), {a, Tensor::of<float>({2}, {1, 2})}, 17), ErrorCode::kInvalid, "axis 0");
  expect_failure(run_op(along(0), {a, Tensor::of<double>({2, 2}, {1, 2, 3, 4})}, 17), ErrorCode::kInvalid, "one type");
  expect_failure(run_op(along(2), {a, a}, 17), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(along(0), {Tensor::scalar(1.0f)}, 17), ErrorCode::kInvalid, "axis out of range");
  expect_failure(run_op(along(0), {a, Tensor{}}, 17), ErrorCode::kInvalid, "omitted");
  expect_failure(run_op(along(0), {}, 17), ErrorCode::kInvalid, "nothing to concatenate");
}

}  // namespace
}  // namespace pleat
