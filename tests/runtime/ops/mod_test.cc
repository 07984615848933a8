#include "tests/support/op_expect.h"

namespace pleat {
namespace {

TEST(Mod, TakesTheSignOfTheDivisor) {
  const Tensor a = Tensor::of<std::int32_t>({6}, {-4, 7, 5, 4, -7, 8});
  const Tensor b = Tensor::of<std::int32_t>({6}, {2, -3, 8, -2, 3, 5});
  expect_same(only_output(run_op(node_of("Mod"), {a, b}, 10)), Tensor::of<std::int32_t>({6}, {0, -2, 5, 0, 2, 3}));
}

TEST(Mod, FmodTakesTheSignOfTheDividend) {
  const Node node = node_of("Mod", {Attribute::integer("fmod", 1)});
  expect_same(only_output(run_op(
                  node, {Tensor::of<std::int64_t>({3}, {-4, 7, -7}), Tensor::of<std::int64_t>({3}, {3, -3, 3})}, 13)),
              Tensor::of<std::int64_t>({3}, {-1, 1, -1}));
  expect_same(
      only_output(run_op(node, {Tensor::of<float>({3}, {-4.25F, 7, 5}), Tensor::of<float>({3}, {2, -3, 8})}, 13)),
      Tensor::of<float>({3}, {-0.25F, 1, 5}));
}

TEST(Mod, HasNoTraps) {
  const Tensor a = Tensor::of<std::int32_t>({2}, {INT32_MIN, 5}), b = Tensor::of<std::int32_t>({2}, {-1, 0});
  expect_same(only_output(run_op(node_of("Mod"), {a, b}, 10)), Tensor::of<std::int32_t>({2}, {0, 0}));
}

TEST(Mod, RealNumbersNeedFmod) {
  const Tensor x = Tensor::of<float>({1}, {1});
  expect_failure(run_op(node_of("Mod"), {x, x}, 10), ErrorCode::kInvalid, "fmod = 1");
}

}  // namespace
}  // namespace pleat
