#include "runtime/kernels/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

template <class T>
void check_normalize() {
  const std::int64_t shapes[][3] = {{1, 6, 576}, {3, 5, 37}, {4, 19, 1}, {2, 84, 1}, {1, 1, 1}, {200, 3, 17}};
  for (const auto& shape : shapes) {
    const std::int64_t batch = shape[0], channels = shape[1], spatial = shape[2];
    const auto x = random_values<T>(batch * channels * spatial, 1, -3, 3);
    const auto mean = random_values<T>(channels, 2);
    const auto scale = random_values<T>(channels, 3);
    const auto shift = random_values<T>(channels, 4);
    std::vector<T> expected(x.size());
    for (std::size_t i = 0; i < x.size(); ++i) {
      const auto c = static_cast<std::size_t>(static_cast<std::int64_t>(i) / spatial % channels);
      expected[i] = std::fma(x[i] - mean[c], scale[c], shift[c]);
    }
    for_each_isa([&](Isa) {
      for (int threads : {1, 2}) {
        ThreadPool pool(threads);
        std::vector<T> y(x.size());
        normalize<T>({batch, channels, spatial, x.data(), mean.data(), scale.data(), shift.data(), y.data()}, pool);
        EXPECT_EQ(y, expected) << batch << ' ' << channels << ' ' << spatial;
      }
    });
  }
}

TEST(BatchNorm, NormalizeHasTheBitsOfItsFormula) {
  check_normalize<float>();
  check_normalize<double>();
}

TEST(BatchNorm, ScaleRoundsEachStep) {
  EXPECT_EQ(normalization_scale(3.0F, 0.7F, 1e-5F), 3.0F / std::sqrt(0.7F + 1e-5F));
  EXPECT_EQ(normalization_scale(3.0, 0.7, 1e-5), 3.0 / std::sqrt(0.7 + 1e-5));
}

TEST(BatchNorm, StatisticsAreThoseOfTheBatch) {
  const std::int64_t batch = 4, channels = 3, spatial = 29;
  const auto x = random_values<float>(batch * channels * spatial, 7, -2, 5);
  std::vector<float> mean(3), variance(3);
  ThreadPool pool(2);
  batch_statistics(batch, channels, spatial, x.data(), mean.data(), variance.data(), pool);
  for (std::int64_t c = 0; c < channels; ++c) {
    long double sum = 0, squares = 0, size = 0;
    const auto each = [&](auto visit) {
      for (std::int64_t n = 0; n < batch; ++n)
        for (std::int64_t s = 0; s < spatial; ++s)
          visit(static_cast<long double>(x[static_cast<std::size_t>((n * channels + c) * spatial + s)]));
    };
    each([&](long double value) { sum += value, size += std::fabs(value); });
    const long double exact_mean = sum / (batch * spatial);
    each([&](long double value) { squares += (value - exact_mean) * (value - exact_mean); });
    const long double exact_variance = squares / (batch * spatial);
    const long double u = std::numeric_limits<float>::epsilon() / 2;
    // 116 values: 8 additions on a lane, 4 to combine, one division.
    EXPECT_LE(std::fabs(mean[static_cast<std::size_t>(c)] - exact_mean), 13.1L * u * size / (batch * spatial));
    // Differences up to 7 carry the mean's error and their own rounding; second order terms are in the slack.
    const long double off = 13.1L * u * 5 + u * 7;
    EXPECT_LE(std::fabs(variance[static_cast<std::size_t>(c)] - exact_variance),
              14.1L * u * exact_variance + 2 * off * std::sqrt(exact_variance) + 2 * off * off);
  }
}

}  // namespace
}  // namespace pleat
