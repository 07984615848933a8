#include "runtime/kernels/pool_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "runtime/kernels/pool.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// Equal bits, NaN of any kind being one value.
void expect_same(const std::vector<float>& y, const std::vector<float>& expected) {
  ASSERT_EQ(y.size(), expected.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const bool same = std::memcmp(&y[i], &expected[i], sizeof(float)) == 0;
    ASSERT_TRUE(same || (std::isnan(y[i]) && std::isnan(expected[i]))) << i << ": " << y[i] << " for " << expected[i];
  }
}

struct Pooled {
  std::vector<float> mean, mean_of_all, largest;
};

/// Straight from the definitions in pool.h.
Pooled pooled(const Window& w, std::int64_t planes, const std::vector<float>& x) {
  Pooled y;
  for (std::int64_t plane = 0; plane < planes; ++plane)
    for (std::int64_t at = 0; at < w.out_elements(); ++at) {
      const Window::Sizes o = Window::unravel(at, w.out);
      float sum = 0, largest = -std::numeric_limits<float>::infinity();
      std::int64_t inside = 0, all = 0;
      for (std::int64_t tap = 0; tap < w.taps(); ++tap) {
        const Window::Sizes t = Window::unravel(tap, w.kernel);
        const std::int64_t h = w.source(1, o[1], t[1]), v = w.source(2, o[2], t[2]);
        all += h < w.in[1] + w.pad_end[1] && v < w.in[2] + w.pad_end[2];
        if (h < 0 || h >= w.in[1] || v < 0 || v >= w.in[2]) continue;
        const float value = x[static_cast<std::size_t>((plane * w.in[1] + h) * w.in[2] + v)];
        sum = inside++ == 0 ? value : sum + value;
        if (value > largest || (std::isnan(value) && !std::isnan(largest))) largest = value;
      }
      y.mean.push_back(inside > 0 ? sum / static_cast<float>(inside) : 0);
      y.mean_of_all.push_back(all > 0 ? sum / static_cast<float>(all) : 0);
      y.largest.push_back(largest);
    }
  return y;
}

void check(const Window& w, std::int64_t planes, const std::vector<float>& x) {
  const Pooled expected = pooled(w, planes, x);
  for_each_isa([&](Isa) {
    for (int threads : {1, 2}) {
      ThreadPool pool(threads);
      std::vector<float> y(expected.mean.size(), kNaN);
      average_pool<float>({.window = w, .planes = planes, .x = x.data(), .y = y.data()}, pool);
      expect_same(y, expected.mean);
      y.assign(y.size(), kNaN);
      average_pool<float>({.window = w, .planes = planes, .x = x.data(), .y = y.data(), .count_padding = true}, pool);
      expect_same(y, expected.mean_of_all);
      y.assign(y.size(), 0);
      max_pool<float>({.window = w, .planes = planes, .x = x.data(), .y = y.data()}, pool);
      expect_same(y, expected.largest);
    }
  });
}

Window window_of(std::int64_t height, std::int64_t width, std::int64_t kernel, std::int64_t stride, std::int64_t begin,
                 std::int64_t end) {
  Window w{.in = {1, height, width},
           .kernel = {1, kernel, kernel},
           .stride = {1, stride, stride},
           .pad_begin = {0, begin, begin},
           .pad_end = {0, end, end}};
  for (std::size_t a = 1; a < 3; ++a) w.out[a] = (w.in[a] + begin + end - w.kernel[a]) / stride + 1;
  return w;
}

TEST(PoolRows, EveryWidth) {
  for (std::int64_t kernel = 1; kernel <= 4; ++kernel)
    for (std::int64_t stride = 1; stride <= 3; ++stride)
      for (std::int64_t width = kernel; width <= 70; width += width < 36 ? 1 : 7) {
        SCOPED_TRACE(std::to_string(kernel) + " taps by " + std::to_string(stride) + " on " + std::to_string(width));
        check(window_of(kernel + 3, width, kernel, stride, 0, 0), 3,
              random_values<float>(3 * (kernel + 3) * width, static_cast<unsigned>(width)));
      }
}

TEST(PoolRows, AnyShape) {
  std::mt19937 engine(5);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine() % static_cast<unsigned>(high - low + 1));
  };
  for (int i = 0; i < 200; ++i) {
    SCOPED_TRACE("case " + std::to_string(i));
    const std::int64_t kernel = pick(1, 5);
    Window w = window_of(pick(kernel, 20), pick(kernel, 60), kernel, pick(1, 2), pick(0, 3), pick(0, 3));
    if (pick(0, 3) == 0) w.out[1] += 1, w.out[2] += 1;  // as with ceil_mode, or wholly in padding
    check(w, 2, random_values<float>(2 * w.in_elements(), static_cast<unsigned>(i)));
  }
}

TEST(PoolRows, NaNInfinityAndSignedZero) {
  auto x = random_values<float>(12 * 40, 3);
  for (std::size_t i = 0; i < x.size(); i += 7) x[i] = i % 3 == 0 ? -0.0F : 0.0F;
  for (std::size_t i = 3; i < x.size(); i += 29) x[i] = kNaN;
  for (std::size_t i = 5; i < x.size(); i += 31) x[i] = -std::numeric_limits<float>::infinity();
  check(window_of(12, 40, 2, 2, 0, 0), 1, x);
  check(window_of(12, 40, 3, 2, 1, 1), 1, x);
  for (float& value : x) value = -0.0F;
  check(window_of(12, 40, 3, 1, 1, 1), 1, x);
}

}  // namespace
}  // namespace pleat
