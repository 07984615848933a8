#include "runtime/kernels/batch_norm.h"
#include "runtime/kernels/moments.h"
#include "tests/support/each_isa.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr std::int64_t kBatch = 2, kChannels = 6, kSpatial = 7, kGroups = 3;

template <class T>
void check(int opset) {
  const auto x = random_values<T>(kBatch * kChannels * kSpatial, 1, -2, 4);
  const std::int64_t parameters = opset >= 21 ? kChannels : kGroups;
  const auto scale = random_values<T>(parameters, 2), bias = random_values<T>(parameters, 3);
  std::vector<T> y(x.size());
  const std::int64_t size = kChannels / kGroups;
  for (std::int64_t i = 0; i < static_cast<std::int64_t>(x.size()); ++i) {
    const std::int64_t channel = i / kSpatial % kChannels, group = i / kSpatial / size;
    const auto p = static_cast<std::size_t>(opset >= 21 ? channel : channel / size);
    const Moments<T> m = moments(x.data() + group * size * kSpatial, size * kSpatial);
    const auto at = static_cast<std::size_t>(i);
    y[at] = std::fma(x[at] - m.mean, normalization_scale(scale[p], m.variance, static_cast<T>(0.01F)), bias[p]);
  }
  const Node node =
      node_of("GroupNormalization", {Attribute::integer("num_groups", kGroups), Attribute::number("epsilon", 0.01F)});
  const Shape shape{kBatch, kChannels, kSpatial, 1};
  for_each_isa([&](Isa) {
    for (int threads : {1, 3})
      expect_same(only_output(run_op(
                      node, {Tensor::of(shape, x), Tensor::of({parameters}, scale), Tensor::of({parameters}, bias)},
                      opset, threads)),
                  Tensor::of(shape, y));
  });
}

TEST(GroupNormalization, OneScalePerGroupBeforeOpset21) {
  check<float>(18);
  check<double>(18);
}
TEST(GroupNormalization, OneScalePerChannelFromOpset21) {
  check<float>(21);
  check<double>(21);
}

TEST(GroupNormalization, RefusesWhatDoesNotFit) {
  const Tensor x = Tensor::of({1, 6}, random_values<float>(6, 1)), three = Tensor::of({3}, random_values<float>(3, 1));
  const auto run = [&](std::int64_t groups, int opset) {
    return run_op(node_of("GroupNormalization", {Attribute::integer("num_groups", groups)}), {x, three, three}, opset);
  };
  EXPECT_TRUE(run(3, 18).has_value());
  expect_failure(run(3, 21), ErrorCode::kInvalid, "'scale'");
  expect_failure(run(4, 18), ErrorCode::kInvalid, "multiple of num_groups");
  expect_failure(run(0, 18), ErrorCode::kInvalid, "must be positive");
}

}  // namespace
}  // namespace pleat
