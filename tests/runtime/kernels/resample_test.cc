#include "runtime/kernels/resample.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(Resample, AddsRoundedProductsTapByTap) {
  constexpr std::int64_t kOuter = 3, kIn = 5, kOut = 4, kInner = 9, kTaps = 3;
  const auto x = random_values<float>(kOuter * kIn * kInner, 1);
  const auto weight = random_values<double>(kOut * kTaps, 2);
  const std::vector<std::int64_t> index = {0, 1, 2, 4, 4, 0, 3, 2, 1, 0, 0, 4};
  std::vector<float> expected;
  for (std::int64_t a = 0; a < kOuter; ++a)
    for (std::int64_t o = 0; o < kOut; ++o)
      for (std::int64_t b = 0; b < kInner; ++b) {
        float sum = 0;
        for (std::int64_t t = 0; t < kTaps; ++t) {
          const auto at = static_cast<std::size_t>(o * kTaps + t);
          const float product =
              static_cast<float>(weight[at]) * x[static_cast<std::size_t>((a * kIn + index[at]) * kInner + b)];
          sum = t == 0 ? product : sum + product;
        }
        expected.push_back(sum);
      }
  for (int threads : {1, 3}) {
    ThreadPool pool(threads);
    std::vector<float> y(expected.size());
    resample<float>({.outer = kOuter,
                     .in = kIn,
                     .out = kOut,
                     .inner = kInner,
                     .taps = kTaps,
                     .index = index.data(),
                     .weight = weight.data(),
                     .x = x.data(),
                     .y = y.data()},
                    pool);
    EXPECT_EQ(y, expected);
  }
}

}  // namespace
}  // namespace pleat
