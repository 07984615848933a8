#include "runtime/kernels/local_response.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(LocalResponse, AgreesWithTheDefinition) {
  constexpr std::int64_t kBatch = 2, kChannels = 7, kSpatial = 5;
  const auto x = random_values<double>(kBatch * kChannels * kSpatial, 1, -3, 3);
  for (std::int64_t size : {1, 2, 3, 4, 20}) {
    std::vector<double> y(x.size());
    ThreadPool pool(2);
    normalize_local_response<double>({.batch = kBatch,
                                      .channels = kChannels,
                                      .spatial = kSpatial,
                                      .size = size,
                                      .alpha = 0.5,
                                      .beta = 0.75,
                                      .bias = 1.5,
                                      .x = x.data(),
                                      .y = y.data()},
                                     pool);
    for (std::int64_t at = 0; at < static_cast<std::int64_t>(x.size()); ++at) {
      const std::int64_t c = at / kSpatial % kChannels;
      double sum = 0;
      for (std::int64_t i = std::max<std::int64_t>(0, c - (size - 1) / 2); i <= std::min(kChannels - 1, c + size / 2);
           ++i) {
        const double value = x[static_cast<std::size_t>(at + (i - c) * kSpatial)];
        sum += value * value;
      }
      const double expected =
          x[static_cast<std::size_t>(at)] / std::pow(1.5 + 0.5 / static_cast<double>(size) * sum, 0.75);
      EXPECT_NEAR(y[static_cast<std::size_t>(at)], expected, 1e-14 * std::fabs(expected));
    }
  }
}

}  // namespace
}  // namespace pleat
