#include "runtime/kernels/blocked/pool.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "runtime/kernels/pool.h"
#include "runtime/kernels/reduce.h"
#include "tests/support/blocked_planes.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

Window window_of(Window::Sizes in, std::int64_t kernel, std::int64_t stride, std::int64_t dilation, std::int64_t before,
                 std::int64_t after, bool ceil_mode = false) {
  Window w{.in = in,
           .kernel = {1, kernel, kernel},
           .stride = {1, stride, stride},
           .dilation = {1, dilation, dilation},
           .pad_begin = {0, before, before},
           .pad_end = {0, after, after}};
  for (std::size_t a = 1; a < 3; ++a) {
    const std::int64_t room = in[a] + before + after - (kernel - 1) * dilation - 1;
    w.out[a] = (room + (ceil_mode ? stride - 1 : 0)) / stride + 1;
  }
  return w;
}

std::vector<Window> windows() {
  Window uneven{.in = {1, 9, 14},
                .kernel = {1, 3, 2},
                .stride = {1, 2, 3},
                .dilation = {1, 1, 2},
                .pad_begin = {0, 2, 0},
                .pad_end = {0, 1, 3}};
  uneven.out = {1, 5, 5};
  return {window_of({1, 12, 12}, 3, 2, 1, 1, 1),       window_of({1, 11, 13}, 3, 2, 1, 0, 0, true),
          window_of({1, 8, 10}, 2, 2, 1, 0, 0),        window_of({1, 7, 7}, 3, 1, 1, 1, 1),
          window_of({1, 10, 9}, 3, 1, 2, 2, 2),        window_of({1, 2, 2}, 2, 1, 1, 3, 3),
          window_of({1, 13, 13}, 5, 1, 1, 2, 2),       window_of({1, 4, 4}, 4, 1, 1, 0, 0),
          window_of({1, 64, 60}, 3, 2, 1, 1, 1, true), window_of({1, 5, 6}, 1, 1, 1, 0, 0),
          window_of({1, 2, 3}, 3, 2, 1, 1, 1, true),   uneven};
}

/// Values with ties, both zeros, infinities and several NaN.
std::vector<float> awkward(std::int64_t count) {
  auto values = random_values<float>(count, 3, -2, 2);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % 3 == 0) values[i] = std::round(values[i]);
    if (i % 7 == 0) values[i] = i % 2 == 0 ? 0.0F : -0.0F;
    if (i % 53 == 0) values[i] = i % 2 == 0 ? INFINITY : -INFINITY;
    if (i % 97 == 0) values[i] = std::bit_cast<float>(0x7FC00000U + static_cast<std::uint32_t>(i));
  }
  return values;
}

template <class Check>
void for_each_case(const Check& check) {
  for (const Window& w : windows())
    for (std::int64_t channels : {16, 19, 40})
      for (bool tame : {true, false}) {
        const Planes x{2, channels, w.in[1], w.in[2], kChannelBlock, {1, 2, 1, 3}};
        const Planes y{2, channels, w.out[1], w.out[2], kChannelBlock, {2, 1, 0, 1}};
        const auto count = 2 * channels * w.in_elements();
        check(w, x, y, tame ? random_values<float>(count, 1) : awkward(count));
      }
}

/// The row-major kernel's result, of as many values as y has.
template <class Kernel>
std::vector<float> row_major(const Planes& y, const Kernel& kernel) {
  std::vector<float> values(static_cast<std::size_t>(y.batch * y.channels * y.height * y.width));
  ThreadPool pool;
  kernel(values.data(), pool);
  return values;
}

template <class Kernel>
void expect_bits(const Planes& y, const std::vector<float>& expected, const Kernel& kernel) {
  for_each_isa([&](Isa) {
    for (int threads : {1, 2}) {
      PoisonedFloats out(y.elements());
      ThreadPool pool(threads);
      kernel(out.data(), pool);
      ASSERT_EQ(bits_of(read_planes(y, out)), bits_of(expected)) << y.channels << " channels, " << y.height << " rows";
    }
  });
}

TEST(BlockedMaxPool, HasTheBitsOfTheRowMajorKernel) {
  for_each_case([](const Window& w, const Planes& x, const Planes& y, const std::vector<float>& values) {
    const auto expected = row_major(y, [&](float* out, ThreadPool& pool) {
      max_pool<float>({.window = w, .planes = x.batch * x.channels, .x = values.data(), .y = out}, pool);
    });
    const PoisonedFloats in = laid_out(x, values);
    expect_bits(y, expected, [&](float* out, ThreadPool& pool) {
      max_pool({.window = w, .x_planes = x, .y_planes = y, .x = in.data(), .y = out}, pool);
    });
  });
}

TEST(BlockedAveragePool, HasTheBitsOfTheRowMajorKernel) {
  for_each_case([](const Window& w, const Planes& x, const Planes& y, std::vector<float> values) {
    // Which NaN comes out where two meet is the compiler's choice: so there is but one, and no ∞ - ∞.
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    for (float& v : values) v = std::isnan(v) ? std::numeric_limits<float>::quiet_NaN() : v == -kInfinity ? -1 : v;
    const PoisonedFloats in = laid_out(x, values);
    for (bool count_padding : {false, true}) {
      const auto expected = row_major(y, [&](float* out, ThreadPool& pool) {
        average_pool<float>(
            {.window = w, .planes = x.batch * x.channels, .x = values.data(), .y = out, .count_padding = count_padding},
            pool);
      });
      expect_bits(y, expected, [&](float* out, ThreadPool& pool) {
        average_pool(
            {.window = w, .x_planes = x, .y_planes = y, .x = in.data(), .y = out, .count_padding = count_padding},
            pool);
      });
    }
  });
}

TEST(BlockedGlobalPool, HasTheBitsOfTheRowMajorKernels) {
  for (std::int64_t width : {1, 3, 7, 16, 33})
    for (std::int64_t channels : {16, 35}) {
      const Planes x{2, channels, 7, width, kChannelBlock, channels == 16 ? Halo{} : Halo{1, 1, 1, 1}};
      const Planes y{2, channels, 1, 1, kChannelBlock, {}};
      for (const auto& values :
           {random_values<float>(2 * channels * 7 * width, 1), awkward(2 * channels * 7 * width)}) {
        const PoisonedFloats in = laid_out(x, values);
        const auto largest = row_major(y, [&](float* out, ThreadPool& pool) {
          const ReduceLoop planes{2 * channels, 7 * width}, plane{7 * width, 1};
          reduce<float>(Reduction::kMax, {.kept = {&planes, 1}, .reduced = {&plane, 1}, .x = values.data(), .y = out},
                        pool);
        });
        expect_bits(y, largest, [&](float* out, ThreadPool& pool) { global_max_pool(x, in.data(), y, out, pool); });

        std::vector<float> finite = values;
        for (float& v : finite) v = std::isfinite(v) ? v : -0.0F;
        const PoisonedFloats finite_in = laid_out(x, finite);
        const auto mean = row_major(y, [&](float* out, ThreadPool& pool) {
          global_average_pool<float>(finite.data(), 2 * channels, 7 * width, out, pool);
        });
        expect_bits(y, mean,
                    [&](float* out, ThreadPool& pool) { global_average_pool(x, finite_in.data(), y, out, pool); });
      }
    }
}

}  // namespace
}  // namespace pleat
