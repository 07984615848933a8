#include "runtime/kernels/moments.h"
#include "tests/support/op_expect.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(MeanVarianceNormalization, PerChannelByDefault) {
  const auto x = random_values<float>(2 * 3 * 4, 1, -3, 5);
  std::vector<float> y(x.size());
  for (std::size_t c = 0; c < 3; ++c) {
    std::vector<float> channel;
    for (std::size_t n = 0; n < 2; ++n) channel.insert(channel.end(), &x[(n * 3 + c) * 4], &x[(n * 3 + c) * 4] + 4);
    const auto [mean, variance] = moments(channel.data(), 8);
    for (std::size_t i = 0; i < 8; ++i)
      y[(i / 4 * 3 + c) * 4 + i % 4] = (channel[i] - mean) / (std::sqrt(variance) + 1e-9F);
  }
  for (int threads : {1, 2})
    expect_same(only_output(run_op(node_of("MeanVarianceNormalization"), {Tensor::of({2, 3, 2, 2}, x)}, 13, threads)),
                Tensor::of({2, 3, 2, 2}, y));
}

TEST(MeanVarianceNormalization, OverAnyAxes) {
  const auto x = random_values<double>(12, 1);
  std::vector<double> y(x.size());
  for (std::size_t row = 0; row < 3; ++row) {
    const auto [mean, variance] = moments(&x[row * 4], 4);
    for (std::size_t i = row * 4; i < row * 4 + 4; ++i) y[i] = (x[i] - mean) / (std::sqrt(variance) + 1e-9);
  }
  expect_same(only_output(run_op(node_of("MeanVarianceNormalization", {Attribute::integers("axes", {-1})}),
                                 {Tensor::of({3, 4}, x)}, 9)),
              Tensor::of({3, 4}, y));
  expect_failure(run_op(node_of("MeanVarianceNormalization"), {Tensor::of({3, 4}, x)}, 9), ErrorCode::kInvalid, "axis");
}

}  // namespace
}  // namespace pleat
