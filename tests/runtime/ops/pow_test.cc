#include "runtime/kernels/power.h"

#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(Pow, IsTheKernelElementByElement) {
  const auto x = random_values<float>(100, 1, 0, 9), y = random_values<float>(100, 2, -3, 3);
  std::vector<float> z;
  for (std::size_t i = 0; i < x.size(); ++i) z.push_back(power(x[i], y[i]));
  for (int opset : {7, 12, 15})
    expect_same(only_output(run_op(node_of("Pow"), {Tensor::of({100}, x), Tensor::of({100}, y)}, opset)),
                Tensor::of({100}, z));
}

TEST(Pow, SquaresInTheTypeOfTheBase) {
  const Tensor x = Tensor::of<float>({3}, {-3, 0.1F, 4});
  const Tensor squares = Tensor::of<float>({3}, {9, 0.1F * 0.1F, 16});
  expect_same(only_output(run_op(node_of("Pow"), {x, Tensor::scalar(2.0F)}, 13)), squares);
  expect_same(only_output(run_op(node_of("Pow"), {x, Tensor::scalar<std::int64_t>(2)}, 13)), squares);
}

TEST(Pow, MixedTypesFromOpset12) {
  const Tensor x = Tensor::of<float>({3}, {1, 2, 3}), k = Tensor::of<std::int64_t>({3}, {4, 5, 6});
  expect_same(only_output(run_op(node_of("Pow"), {x, k}, 12)), Tensor::of<float>({3}, {1, 32, 729}));
  expect_failure(run_op(node_of("Pow"), {x, k}, 7), ErrorCode::kInvalid, "one type");
  expect_same(only_output(run_op(node_of("Pow"), {Tensor::of<double>({2}, {2, 9}), Tensor::scalar(0.5F)}, 15)),
              Tensor::of<double>({2}, {std::sqrt(2.0), 3}));
}

TEST(Pow, Integers) {
  const auto run = [](std::vector<std::int64_t> x, std::vector<std::int64_t> y) {
    const auto count = static_cast<std::int64_t>(x.size());
    return only_output(run_op(node_of("Pow"), {Tensor::of({count}, x), Tensor::of({count}, y)}, 13));
  };
  expect_same(run({2, -3, 7, 0}, {62, 3, 0, 0}), Tensor::of<std::int64_t>({4}, {std::int64_t{1} << 62, -27, 1, 1}));
  expect_same(run({2, 1, -1, -1, 0}, {-1, -5, -3, -4, -1}), Tensor::of<std::int64_t>({5}, {0, 1, -1, 1, 0}));
  expect_same(run({2}, {64}), Tensor::of<std::int64_t>({1}, {0}));
  const Tensor base = Tensor::of<std::int32_t>({3}, {2, 1000, -1000});
  expect_same(only_output(run_op(node_of("Pow"), {base, Tensor::scalar(0.5F)}, 13)),
              Tensor::of<std::int32_t>({3}, {1, 31, 0}));
  expect_same(only_output(run_op(node_of("Pow"), {base, Tensor::scalar(9.0F)}, 13)),
              Tensor::of<std::int32_t>({3}, {512, INT32_MAX, INT32_MIN}));
}

TEST(Pow, BroadcastsAsItsOpsetSays) {
  const Tensor x = Tensor::of<float>({2, 2}, {1, 2, 3, 4}), y = Tensor::of<float>({2}, {1, 2});
  expect_same(only_output(run_op(node_of("Pow"), {x, y}, 7)), Tensor::of<float>({2, 2}, {1, 4, 3, 16}));
  const Node legacy = node_of("Pow", {Attribute::integer("broadcast", 1), Attribute::integer("axis", 0)});
  expect_same(only_output(run_op(legacy, {x, y}, 1)), Tensor::of<float>({2, 2}, {1, 2, 9, 16}));
  expect_failure(run_op(node_of("Pow"), {Tensor::of<bool>({1}, {true}), y}, 13), ErrorCode::kUnsupported, "bool");
}

}  // namespace
}  // namespace pleat
