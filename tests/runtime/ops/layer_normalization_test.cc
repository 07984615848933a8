#include "runtime/kernels/moments.h"

#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

template <class T>
Tensor random_tensor(Shape shape, unsigned seed) {
  const auto values = random_values<T>(shape.elements(), seed, -2, 3);
  return Tensor::of(std::move(shape), values);
}

/// Y, mean and inverse standard deviation of each run of `length` elements.
template <class T>
std::vector<Tensor> expected(const Tensor& x, const Tensor& scale, const T* shift, std::int64_t length,
                             Shape statistics, float epsilon) {
  std::vector<T> y(x.data<T>().size());
  std::vector<float> means, inverses;
  for (std::int64_t at = 0; at < x.elements(); at += length) {
    const auto [mean, variance] = moments(x.data<T>().data() + at, length);
    const T inverse = T{1} / std::sqrt(variance + static_cast<T>(epsilon));
    normalize_line(x.data<T>().data() + at, mean, inverse, scale.data<T>().data(), shift, y.data() + at, length);
    means.push_back(static_cast<float>(mean));
    inverses.push_back(static_cast<float>(inverse));
  }
  return {Tensor::of(x.shape(), y), Tensor::of(statistics, means), Tensor::of(statistics, inverses)};
}

template <class T>
void check(std::int64_t axis, Shape normalized, Shape statistics) {
  const Tensor x = random_tensor<T>({3, 4, 5}, 1), scale = random_tensor<T>(normalized, 2);
  const Tensor shift = random_tensor<T>(normalized, 3);
  const Node node =
      node_of("LayerNormalization", {Attribute::integer("axis", axis), Attribute::number("epsilon", 0.1F)}, 3);
  for_each_isa([&](Isa) {
    const auto got = run_op(node, {x, scale, shift}, 17, 2);
    ASSERT_TRUE(got.has_value());
    const auto want = expected<T>(x, scale, shift.data<T>().data(), normalized.elements(), statistics, 0.1F);
    for (std::size_t i = 0; i < 3; ++i) expect_same((*got)[i], want[i]);
  });
}

TEST(LayerNormalization, OverTheLastAxes) {
  check<float>(-1, {5}, {3, 4, 1});
  check<float>(1, {4, 5}, {3, 1, 1});
  check<float>(0, {3, 4, 5}, {1, 1, 1});
  check<double>(-2, {4, 5}, {3, 1, 1});
}

TEST(LayerNormalization, ShiftAndStatisticsAreOptional) {
  const Tensor x = random_tensor<float>({2, 4}, 1), scale = random_tensor<float>({4}, 2);
  expect_same(only_output(run_op(node_of("LayerNormalization"), {x, scale}, 17)),
              expected<float>(x, scale, nullptr, 4, {2, 1}, 1e-5F)[0]);
}

TEST(LayerNormalization, HasMeanShiftAndDeviationScale) {
  const Tensor x = random_tensor<float>({1, 1000}, 7);
  const Tensor scale = Tensor::of({1000}, std::vector<float>(1000, 3)),
               shift = Tensor::of({1000}, std::vector<float>(1000, 5));
  const Tensor y = only_output(run_op(node_of("LayerNormalization"), {x, scale, shift}, 17));
  const auto [mean, variance] = moments(y.data<float>().data(), 1000);
  EXPECT_NEAR(mean, 5, 1e-5);
  EXPECT_NEAR(variance, 9, 1e-3);
}

TEST(LayerNormalization, RefusesWhatDoesNotFit) {
  const Tensor x = random_tensor<float>({2, 4}, 1), scale = random_tensor<float>({4}, 2);
  const Node node = node_of("LayerNormalization");
  expect_failure(run_op(node, {x, random_tensor<float>({2}, 1)}, 17), ErrorCode::kInvalid, "'Scale'");
  expect_failure(run_op(node, {x, scale, random_tensor<float>({1}, 1)}, 17), ErrorCode::kUnsupported, "'B'");
  expect_failure(run_op(node_of("LayerNormalization", {Attribute::integer("stash_type", 10)}), {x, scale}, 17),
                 ErrorCode::kUnsupported, "stash_type");
}

}  // namespace
}  // namespace pleat
