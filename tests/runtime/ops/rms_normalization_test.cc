#include "runtime/kernels/moments.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

template <class T>
void check(std::int64_t axis, Shape normalized) {
  const std::int64_t length = normalized.elements();
  const auto x = random_values<T>(24, 1, -2, 3), scale = random_values<T>(length, 2);
  std::vector<T> y;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const std::size_t first = i / static_cast<std::size_t>(length) * static_cast<std::size_t>(length);
    const T factor = T{1} / std::sqrt(mean_square(&x[first], length) + static_cast<T>(0.5F));
    y.push_back(x[i] * factor * scale[i - first]);
  }
  const Node node = node_of("RMSNormalization", {Attribute::integer("axis", axis), Attribute::number("epsilon", 0.5F)});
  for (int threads : {1, 2})
    expect_same(only_output(run_op(node, {Tensor::of({2, 3, 4}, x), Tensor::of(normalized, scale)}, 23, threads)),
                Tensor::of({2, 3, 4}, y));
}

TEST(RmsNormalization, OverTheLastAxes) {
  check<float>(-1, {4});
  check<float>(1, {3, 4});
  check<double>(0, {2, 3, 4});
}

TEST(RmsNormalization, RefusesAScaleThatDoesNotFit) {
  const Tensor x = Tensor::of<float>({1, 2}, {1, 2});
  expect_failure(run_op(node_of("RMSNormalization"), {x, Tensor::of<float>({3}, {1, 2, 3})}, 23), ErrorCode::kInvalid,
                 "'scale'");
  expect_failure(run_op(node_of("RMSNormalization"), {x, Tensor::scalar(1.0F)}, 23), ErrorCode::kUnsupported,
                 "'scale'");
}

}  // namespace
}  // namespace pleat
