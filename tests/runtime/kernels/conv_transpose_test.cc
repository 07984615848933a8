#include "runtime/kernels/conv_transpose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/base/aligned_buffer.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Case {
  const char* name;
  std::int64_t batch, groups, in_channels, out_channels;
  Window window;
};

/// The window of the convolution transposed: `x` are sizes of a plane of x, `extra` widens that of y.
Window window_of(Window::Sizes x, Window::Sizes kernel, Window::Sizes stride, Window::Sizes dilation,
                 Window::Sizes begin, Window::Sizes end, Window::Sizes extra = {0, 0, 0}) {
  Window w{.out = x, .kernel = kernel, .stride = stride, .dilation = dilation, .pad_begin = begin, .pad_end = end};
  for (std::size_t a = 0; a < 3; ++a)
    w.in[a] = stride[a] * (x[a] - 1) + extra[a] + (kernel[a] - 1) * dilation[a] + 1 - begin[a] - end[a];
  return w;
}

std::vector<Case> cases() {
  const Window::Sizes one = {1, 1, 1}, none = {0, 0, 0};
  return {
      {"doubling", 2, 1, 18, 7, window_of({1, 5, 6}, {1, 4, 4}, {1, 2, 2}, one, {0, 1, 1}, {0, 1, 1})},
      {"doubling without overlap", 1, 1, 6, 16, window_of({1, 7, 9}, {1, 2, 2}, {1, 2, 2}, one, none, none)},
      {"stride 1", 3, 1, 17, 5, window_of({1, 9, 7}, {1, 3, 3}, one, one, {0, 1, 1}, {0, 1, 1})},
      {"uneven padding, stride, dilation", 2, 1, 20, 7,
       window_of({1, 6, 5}, {1, 3, 4}, {1, 2, 3}, {1, 2, 2}, {0, 2, 0}, {0, 1, 3}, {0, 1, 2})},
      {"stride and dilation share a factor", 1, 1, 3, 2,
       window_of({1, 4, 5}, {1, 3, 5}, {1, 4, 6}, {1, 2, 4}, {0, 1, 2}, none)},
      {"gaps between the taps", 1, 1, 2, 3, window_of({1, 3, 3}, {1, 2, 1}, {1, 4, 3}, one, none, none, {0, 3, 2})},
      {"depthwise", 2, 9, 1, 1, window_of({1, 8, 8}, {1, 3, 3}, {1, 2, 2}, one, {0, 1, 1}, {0, 1, 1}, {0, 1, 1})},
      {"groups", 1, 3, 4, 5, window_of({1, 5, 5}, {1, 3, 3}, {1, 2, 1}, one, none, none)},
      {"one axis", 2, 1, 3, 4, window_of({1, 1, 30}, {1, 1, 7}, {1, 1, 3}, {1, 1, 2}, {0, 0, 3}, {0, 0, 4})},
      {"three axes", 1, 1, 2, 3, window_of({3, 4, 5}, {2, 3, 2}, {2, 1, 3}, {1, 2, 1}, {1, 0, 1}, {0, 1, 1})},
      {"padding beyond the kernel", 1, 1, 2, 2, window_of({1, 4, 4}, {1, 2, 2}, one, one, {0, 2, 2}, {0, 1, 1})},
  };
}

template <class T>
struct Data {
  std::vector<T> x, w, bias;
  ConvTransposeProblem<T> problem;

  explicit Data(const Case& c) {
    problem.window = c.window;
    problem.batch = c.batch;
    problem.groups = c.groups;
    problem.in_channels = c.in_channels;
    problem.out_channels = c.out_channels;
    x = random_values<T>(c.batch * c.groups * c.in_channels * c.window.out_elements(), 1);
    w = random_values<T>(problem.weights(), 2);
    bias = random_values<T>(c.groups * c.out_channels, 3);
    problem.x = x.data();
    problem.w = w.data();
    problem.bias = bias.data();
  }
};

template <class T>
std::vector<T> run(ConvTransposeProblem<T> p, bool packed, int threads) {
  std::vector<T> y(static_cast<std::size_t>(p.batch * p.groups * p.out_channels * p.window.in_elements()),
                   std::numeric_limits<T>::quiet_NaN());
  const std::size_t bytes = static_cast<std::size_t>(p.weights()) * sizeof(T);
  AlignedBuffer arranged(bytes), packed_w(bytes);
  if (packed) {
    pack_transposed_weights(p, reinterpret_cast<T*>(arranged.data()), reinterpret_cast<T*>(packed_w.data()));
    p.packed_w = reinterpret_cast<const T*>(packed_w.data());
  }
  p.y = y.data();
  AlignedBuffer scratch(conv_transpose_scratch_bytes(p, threads));
  ThreadPool pool(threads);
  conv_transpose(p, scratch.data(), pool);
  return y;
}

/// Against the definition, every x spread over y, in long double, within the bound of a chain of fused multiply-adds.
template <class T>
void expect_near_exact(const ConvTransposeProblem<T>& p, const std::vector<T>& y) {
  const Window& w = p.window;
  const std::int64_t channels = p.groups * p.out_channels;
  std::vector<long double> exact(y.size()), size(y.size());
  for (std::size_t i = 0; i < y.size(); ++i) {
    const auto m = static_cast<std::int64_t>(i) / w.in_elements() % channels;
    exact[i] = p.bias != nullptr ? p.bias[m] : 0;
    size[i] = std::fabs(exact[i]);
  }
  for (std::int64_t plane = 0; plane < p.batch * p.groups * p.in_channels; ++plane)
    for (std::int64_t pixel = 0; pixel < w.out_elements(); ++pixel)
      for (std::int64_t m = 0; m < p.out_channels; ++m)
        for (std::int64_t tap = 0; tap < w.taps(); ++tap) {
          const auto s = Window::unravel(pixel, w.out), t = Window::unravel(tap, w.kernel);
          std::int64_t at = plane / p.in_channels * p.out_channels + m;
          bool inside = true;
          for (std::size_t a = 0; a < 3; ++a) {
            const std::int64_t o = s[a] * w.stride[a] + t[a] * w.dilation[a] - w.pad_begin[a];
            inside = inside && o >= 0 && o < w.in[a];
            at = at * w.in[a] + o;
          }
          if (!inside) continue;
          const std::int64_t c = plane % (p.groups * p.in_channels);
          const long double term = static_cast<long double>(p.x[plane * w.out_elements() + pixel]) *
                                   static_cast<long double>(p.w[(c * p.out_channels + m) * w.taps() + tap]);
          exact[static_cast<std::size_t>(at)] += term;
          size[static_cast<std::size_t>(at)] += std::fabs(term);
        }
  const auto depth = static_cast<long double>(p.in_channels * w.taps());
  const long double u = std::numeric_limits<T>::epsilon() / 2;
  for (std::size_t i = 0; i < y.size(); ++i)
    ASSERT_LE(std::fabs(y[i] - exact[i]), (depth * u / (1 - depth * u) + 2 * depth * 0x1p-64L) * size[i]) << i;
}

template <class T>
void check_all() {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const Data<T> data(c);
    std::vector<T> reference;
    for_each_isa([&](Isa isa) {
      if (isa == Isa::kReference) {
        reference = run(data.problem, false, 1);
        expect_near_exact(data.problem, reference);
      }
      for (bool packed : {false, true})
        for (int threads : {1, 2, 3}) EXPECT_EQ(run(data.problem, packed, threads), reference) << packed << threads;
    });
  }
}

TEST(ConvTranspose, FloatIsTheReferenceOnEveryInstructionSet) { check_all<float>(); }
TEST(ConvTranspose, DoubleIsTheReferenceOnEveryInstructionSet) { check_all<double>(); }

TEST(ConvTranspose, StartsFromZeroWithoutBias) {
  Data<float> data(cases()[3]);
  data.problem.bias = nullptr;
  std::vector<float> reference;
  for_each_isa([&](Isa isa) {
    const auto y = run(data.problem, false, 2);
    if (isa == Isa::kReference) {
      expect_near_exact(data.problem, y);
      reference = y;
    }
    EXPECT_EQ(y, reference);
  });
}

TEST(ConvTranspose, ImagesOfABatchHaveTheBitsTheyHaveAlone) {
  const Data<float> data(cases()[0]);
  for_each_isa([&](Isa) {
    const auto together = run(data.problem, true, 2);
    const auto half = static_cast<std::ptrdiff_t>(together.size() / 2);
    ConvTransposeProblem<float> alone = data.problem;
    alone.batch = 1;
    EXPECT_EQ(run(alone, true, 1), std::vector<float>(together.begin(), together.begin() + half));
    alone.x += data.x.size() / 2;
    EXPECT_EQ(run(alone, true, 1), std::vector<float>(together.begin() + half, together.end()));
  });
}

TEST(ConvTranspose, TheSumRunsOverBlocksOfSixteenChannelsThenTapsFromTheLastThenChannels) {
  // 18 channels, two inputs that meet in the middle output; worked out by hand with values whose order matters.
  const auto x = random_values<float>(18 * 2, 5, -1e3, 1e3);
  const auto w = random_values<float>(18 * 2, 6);
  const float bias = 0.25F;
  float chain = bias;
  for (std::size_t first : {0U, 16U})
    for (std::size_t tap : {1U, 0U})
      for (std::size_t c = first; c < std::min<std::size_t>(18, first + 16); ++c)
        chain = std::fma(x[c * 2 + (1 - tap)], w[c * 2 + tap], chain);
  ConvTransposeProblem<float> p;
  p.window = window_of({1, 1, 2}, {1, 1, 2}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0});
  p.batch = 1;
  p.in_channels = 18;
  p.out_channels = 1;
  p.x = x.data();
  p.w = w.data();
  p.bias = &bias;
  for_each_isa([&](Isa) { EXPECT_EQ(run(p, true, 1)[1], chain); });
}

}  // namespace
}  // namespace pleat
