#include "runtime/kernels/pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/kernels/lane_sum.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"
#include "tests/support/ulps.h"

namespace pleat {
namespace {

Window halves(std::int64_t height, std::int64_t width) {
  return {.in = {1, height, width}, .out = {1, height / 2, width / 2}, .kernel = {1, 2, 2}, .stride = {1, 2, 2}};
}

TEST(AveragePool, SumsInRowMajorOrderThenDivides) {
  const auto x = random_values<float>(6 * 24 * 24, 1);
  std::vector<float> expected;
  for (std::size_t plane = 0; plane < 6; ++plane)
    for (std::size_t i = 0; i < 24; i += 2)
      for (std::size_t j = 0; j < 24; j += 2) {
        const float* at = x.data() + plane * 576 + i * 24 + j;
        expected.push_back((((at[0] + at[1]) + at[24]) + at[25]) / 4);
      }
  for_each_isa([&](Isa) {
    for (int threads : {1, 2}) {
      ThreadPool pool(threads);
      std::vector<float> y(expected.size());
      average_pool<float>({.window = halves(24, 24), .planes = 6, .x = x.data(), .y = y.data()}, pool);
      EXPECT_EQ(y, expected);
    }
  });
}

/// A row and a column are left over.
TEST(AveragePool, HalvesOddSizes) {
  const auto x = random_values<float>(2 * 5 * 7, 2);
  std::vector<float> y(2 * 2 * 3), expected;
  for (std::size_t plane = 0; plane < 2; ++plane)
    for (std::size_t i = 0; i < 4; i += 2)
      for (std::size_t j = 0; j < 6; j += 2) {
        const float* at = x.data() + plane * 35 + i * 7 + j;
        expected.push_back((((at[0] + at[1]) + at[7]) + at[8]) / 4);
      }
  ThreadPool pool;
  average_pool<float>({.window = halves(5, 7), .planes = 2, .x = x.data(), .y = y.data()}, pool);
  EXPECT_EQ(y, expected);
}

TEST(AveragePool, CountsPaddingOnlyWhenAsked) {
  const std::vector<double> x = {1, 2, 3, 4};
  Window w = {.in = {1, 2, 2}, .out = {1, 3, 3}, .kernel = {1, 2, 2}, .pad_begin = {0, 1, 1}, .pad_end = {0, 1, 1}};
  ThreadPool pool;
  std::vector<double> y(9);
  average_pool<double>({.window = w, .planes = 1, .x = x.data(), .y = y.data()}, pool);
  EXPECT_EQ(y, (std::vector<double>{1, 1.5, 2, 2, 2.5, 3, 3, 3.5, 4}));
  average_pool<double>({.window = w, .planes = 1, .x = x.data(), .y = y.data(), .count_padding = true}, pool);
  EXPECT_EQ(y, (std::vector<double>{0.25, 0.75, 0.5, 1, 2.5, 1.5, 0.75, 1.75, 1}));
}

TEST(MaxPool, TakesTheFirstLargestAndTellsWhere) {
  const std::vector<float> x = {1, 5, 5, 2, 5, 0, 1, 1};
  Window w = {.in = {1, 2, 4}, .out = {1, 1, 2}, .kernel = {1, 2, 2}, .stride = {1, 2, 2}};
  ThreadPool pool;
  std::vector<float> y(2);
  std::vector<std::int64_t> where(2);
  max_pool<float>({.window = w, .planes = 1, .x = x.data(), .y = y.data(), .indices = where.data()}, pool);
  EXPECT_EQ(y, (std::vector<float>{5, 5}));
  EXPECT_EQ(where, (std::vector<std::int64_t>{1, 2}));
  max_pool<float>(
      {.window = w, .planes = 1, .x = x.data(), .y = y.data(), .indices = where.data(), .column_major = true}, pool);
  EXPECT_EQ(where, (std::vector<std::int64_t>{2, 4}));
}

/// Windows with and without padding, side by side and overlapping, and some that reach all of x or nothing of it.
std::vector<Window> windows() {
  const auto window = [](Window::Sizes kernel, Window::Sizes stride, Window::Sizes dilation, std::int64_t pad) {
    Window w = {.in = {1, 9, 75}, .kernel = kernel, .stride = stride, .dilation = dilation};
    w.pad_begin = {0, pad, pad};
    w.pad_end = {0, pad, pad};
    for (std::size_t a = 1; a < 3; ++a)
      w.out[a] = (w.in[a] + 2 * pad - (kernel[a] - 1) * dilation[a] - 1) / stride[a] + 1;
    return w;
  };
  return {halves(9, 75),
          window({1, 3, 3}, {1, 1, 1}, {1, 1, 1}, 1),
          window({1, 3, 3}, {1, 2, 2}, {1, 1, 1}, 1),
          window({1, 2, 5}, {1, 1, 2}, {1, 2, 1}, 0),
          window({1, 3, 2}, {1, 2, 2}, {1, 1, 3}, 1),
          window({1, 2, 3}, {1, 3, 3}, {1, 1, 1}, 1),
          window({1, 9, 75}, {1, 1, 1}, {1, 1, 1}, 0),
          window({1, 2, 2}, {1, 1, 1}, {1, 1, 1}, 3)};
}

std::vector<float> values_with_oddities(const Window& w, std::int64_t planes) {
  auto x = random_values<float>(planes * w.in_elements(), 3);
  for (std::size_t i = 0; i < x.size(); i += 3) x[i] = i % 2 == 0 ? 0.0F : -0.0F;
  for (std::size_t i = 5; i < x.size(); i += 41) x[i] = std::numeric_limits<float>::quiet_NaN();
  return x;
}

/// Against the way that also tells where.
TEST(MaxPool, GoesByRowsWithTheSameBits) {
  for (const Window& w : windows()) {
    const auto x = values_with_oddities(w, 3);
    const auto outputs = static_cast<std::size_t>(3 * w.out_elements());
    std::vector<float> expected(outputs);
    std::vector<std::int64_t> where(outputs);
    ThreadPool pool(2);
    max_pool<float>({.window = w, .planes = 3, .x = x.data(), .y = expected.data(), .indices = where.data()}, pool);
    for_each_isa([&](Isa) {
      std::vector<float> y(outputs);
      max_pool<float>({.window = w, .planes = 3, .x = x.data(), .y = y.data()}, pool);
      EXPECT_TRUE(same_bits(y, expected));
    });
  }
}

/// Against the definition, one output at a time.
TEST(AveragePool, GoesByRowsWithTheSameBits) {
  for (const Window& w : windows())
    for (const bool count_padding : {false, true}) {
      const auto x = values_with_oddities(w, 2);
      std::vector<float> expected;
      for (std::int64_t out = 0; out < 2 * w.out_elements(); ++out) {
        const Window::Sizes at = Window::unravel(out % w.out_elements(), w.out);
        float sum = 0;
        int count = 0, padded = 0;
        for (std::int64_t h = 0; h < w.kernel[1]; ++h)
          for (std::int64_t v = 0; v < w.kernel[2]; ++v) {
            const std::int64_t i = w.source(1, at[1], h), j = w.source(2, at[2], v);
            padded += i < w.in[1] + w.pad_end[1] && j < w.in[2] + w.pad_end[2] ? 1 : 0;
            if (i < 0 || j < 0 || i >= w.in[1] || j >= w.in[2]) continue;
            const float value = x[static_cast<std::size_t>(out / w.out_elements() * w.in_elements() + i * w.in[2] + j)];
            sum = count++ == 0 ? value : sum + value;
          }
        expected.push_back(count == 0 ? 0.0F : sum / static_cast<float>(count_padding ? padded : count));
      }
      for_each_isa([&](Isa) {
        ThreadPool pool(2);
        std::vector<float> y(expected.size());
        average_pool<float>({.window = w, .planes = 2, .x = x.data(), .y = y.data(), .count_padding = count_padding},
                            pool);
        EXPECT_TRUE(same_bits(y, expected));
      });
    }
}

TEST(MaxPool, NanWinsAndPaddingDoesNot) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<float> x = {-1, nan, -3, -4};
  Window w = {.in = {1, 1, 4},
              .out = {1, 1, 3},
              .kernel = {1, 1, 2},
              .stride = {1, 1, 2},
              .pad_begin = {0, 0, 1},
              .pad_end = {0, 0, 1}};
  ThreadPool pool;
  std::vector<float> y(3);
  max_pool<float>({.window = w, .planes = 1, .x = x.data(), .y = y.data()}, pool);
  EXPECT_EQ(y[0], -1);
  EXPECT_TRUE(std::isnan(y[1]));
  EXPECT_EQ(y[2], -4);
}

TEST(MaxPool, ReadsDilatedTaps) {
  const std::vector<std::int8_t> x = {-5, -9, -7, -128, -3};
  Window w = {.in = {1, 1, 5}, .out = {1, 1, 3}, .kernel = {1, 1, 2}, .dilation = {1, 1, 2}};
  ThreadPool pool;
  std::vector<std::int8_t> y(3);
  max_pool<std::int8_t>({.window = w, .planes = 1, .x = x.data(), .y = y.data()}, pool);
  EXPECT_EQ(y, (std::vector<std::int8_t>{-5, -9, -3}));
}

TEST(PowerPool, IsTheNormUnderEachWindow) {
  const std::vector<double> x = {3, -4, 1, 2};
  Window w = {.in = {1, 1, 4}, .out = {1, 1, 3}, .kernel = {1, 1, 2}, .stride = {1, 1, 2}, .pad_end = {0, 0, 2}};
  ThreadPool pool;
  const auto run = [&](std::int64_t p) {
    std::vector<double> y(3);
    power_pool<double>({.window = w, .planes = 1, .p = p, .x = x.data(), .y = y.data()}, pool);
    return y;
  };
  EXPECT_EQ(run(1), (std::vector<double>{7, 3, 0}));
  EXPECT_EQ(run(2), (std::vector<double>{5, std::sqrt(5.0), 0}));
  EXPECT_NEAR(run(3)[0], std::cbrt(91.0), 1e-14);
  EXPECT_EQ(run(3)[2], 0);
}

TEST(GlobalAveragePool, SumsInLanes) {
  const auto x = random_values<double>(3 * 49, 2);
  for_each_isa([&](Isa) {
    ThreadPool pool(2);
    std::vector<double> y(3);
    global_average_pool(x.data(), 3, 49, y.data(), pool);
    for (std::size_t plane = 0; plane < 3; ++plane) {
      LaneSum<double> sum;
      for (std::size_t i = 0; i < 49; ++i) sum.add(x[plane * 49 + i]);
      EXPECT_EQ(y[plane], sum.total() / 49);
    }
  });
}

}  // namespace
}  // namespace pleat
