#include "runtime/kernels/conv.h"

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

Window window_of(Window::Sizes in, Window::Sizes kernel, Window::Sizes stride, Window::Sizes dilation,
                 Window::Sizes begin, Window::Sizes end) {
  Window w{.in = in, .kernel = kernel, .stride = stride, .dilation = dilation, .pad_begin = begin, .pad_end = end};
  for (std::size_t a = 0; a < 3; ++a)
    w.out[a] = (in[a] + begin[a] + end[a] - (kernel[a] - 1) * dilation[a] - 1) / stride[a] + 1;
  return w;
}

std::vector<Case> cases() {
  const Window::Sizes one = {1, 1, 1}, none = {0, 0, 0};
  return {
      {"lenet 1", 2, 1, 1, 6, window_of({1, 28, 28}, {1, 5, 5}, one, one, none, none)},
      {"lenet 2", 3, 1, 6, 16, window_of({1, 12, 12}, {1, 5, 5}, one, one, none, none)},
      {"padded", 1, 1, 17, 5, window_of({1, 9, 7}, {1, 3, 3}, one, one, {0, 1, 1}, {0, 1, 1})},
      {"uneven padding, stride, dilation", 2, 1, 20, 7,
       window_of({1, 13, 11}, {1, 3, 2}, {1, 2, 3}, {1, 2, 1}, {0, 2, 0}, {0, 1, 3})},
      {"pointwise", 1, 1, 33, 13, window_of({1, 6, 7}, one, one, one, none, none)},
      {"pointwise, strided", 1, 1, 4, 3, window_of({1, 7, 7}, one, {1, 2, 2}, one, none, none)},
      {"depthwise", 2, 9, 1, 1, window_of({1, 8, 8}, {1, 3, 3}, one, one, {0, 1, 1}, {0, 1, 1})},
      {"groups", 1, 3, 4, 5, window_of({1, 5, 5}, {1, 3, 3}, one, one, none, none)},
      {"one axis", 2, 1, 3, 4, window_of({1, 1, 50}, {1, 1, 7}, {1, 1, 2}, {1, 1, 2}, {0, 0, 3}, {0, 0, 4})},
      {"three axes", 1, 1, 2, 3, window_of({4, 5, 6}, {2, 3, 2}, {1, 2, 1}, {2, 1, 1}, {1, 0, 1}, {0, 1, 1})},
      {"all padding at the edge", 1, 1, 1, 1, window_of({1, 2, 2}, {1, 2, 2}, one, one, {0, 3, 3}, {0, 3, 3})},
      {"many channels on one pixel", 1, 1, 40, 61, window_of({1, 3, 3}, {1, 3, 3}, one, one, none, none)},
  };
}

template <class T>
struct Data {
  std::vector<T> x, w, bias;
  ConvProblem<T> problem;

  explicit Data(const Case& c) {
    problem.window = c.window;
    problem.batch = c.batch;
    problem.groups = c.groups;
    problem.in_channels = c.in_channels;
    problem.out_channels = c.out_channels;
    x = random_values<T>(c.batch * c.groups * c.in_channels * c.window.in_elements(), 1);
    w = random_values<T>(problem.weights(), 2);
    bias = random_values<T>(c.groups * c.out_channels, 3);
    problem.x = x.data();
    problem.w = w.data();
    problem.bias = bias.data();
  }
};

template <class T>
std::vector<T> run(ConvProblem<T> p, bool packed, int threads) {
  std::vector<T> y(static_cast<std::size_t>(p.batch * p.groups * p.out_channels * p.window.out_elements()));
  AlignedBuffer packed_w(static_cast<std::size_t>(p.weights()) * sizeof(T));
  if (packed) {
    pack_weights(p, reinterpret_cast<T*>(packed_w.data()));
    p.packed_w = reinterpret_cast<const T*>(packed_w.data());
  }
  p.y = y.data();
  AlignedBuffer scratch(conv_scratch_bytes(p, threads));
  ThreadPool pool(threads);
  conv(p, scratch.data(), pool);
  return y;
}

/// Against the definition in long double, within the bound of a chain of `depth` fused multiply-adds.
template <class T>
void expect_near_exact(const ConvProblem<T>& p, const std::vector<T>& y) {
  const Window& w = p.window;
  const long double depth = static_cast<long double>(p.depth());
  const long double u = std::numeric_limits<T>::epsilon() / 2;
  std::size_t at = 0;
  for (std::int64_t n = 0; n < p.batch; ++n)
    for (std::int64_t m = 0; m < p.groups * p.out_channels; ++m)
      for (std::int64_t out = 0; out < w.out_elements(); ++out, ++at) {
        const auto o = Window::unravel(out, w.out);
        long double exact = p.bias != nullptr ? p.bias[m] : 0;
        long double size = std::fabs(exact);
        for (std::int64_t c = 0; c < p.in_channels; ++c)
          for (std::int64_t tap = 0; tap < w.taps(); ++tap) {
            const auto t = Window::unravel(tap, w.kernel);
            Window::Sizes s;
            bool inside = true;
            for (std::size_t a = 0; a < 3; ++a) {
              s[a] = o[a] * w.stride[a] + t[a] * w.dilation[a] - w.pad_begin[a];
              inside = inside && s[a] >= 0 && s[a] < w.in[a];
            }
            if (!inside) continue;
            const std::int64_t channel = (n * p.groups + m / p.out_channels) * p.in_channels + c;
            const long double term =
                static_cast<long double>(p.x[((channel * w.in[0] + s[0]) * w.in[1] + s[1]) * w.in[2] + s[2]]) *
                static_cast<long double>(p.w[m * p.depth() + c * w.taps() + tap]);
            exact += term;
            size += std::fabs(term);
          }
        const long double bound = (depth * u / (1 - depth * u) + 2 * depth * 0x1p-64L) * size;
        ASSERT_LE(std::fabs(y[at] - exact), bound) << "image " << n << ", channel " << m << ", position " << out;
      }
}

template <class T>
void check_all() {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    Data<T> data(c);
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

TEST(Conv, FloatIsTheReferenceOnEveryInstructionSet) { check_all<float>(); }
TEST(Conv, DoubleIsTheReferenceOnEveryInstructionSet) { check_all<double>(); }

TEST(Conv, ImagesOfABatchHaveTheBitsTheyHaveAlone) {
  const Case c = cases()[1];
  Data<float> data(c);
  for_each_isa([&](Isa) {
    const auto together = run(data.problem, true, 2);
    const auto image = together.size() / static_cast<std::size_t>(c.batch);
    for (std::int64_t n = 0; n < c.batch; ++n) {
      ConvProblem<float> alone = data.problem;
      alone.batch = 1;
      alone.x = data.x.data() + n * c.in_channels * c.window.in_elements();
      const std::vector<float> part(together.begin() + n * static_cast<std::int64_t>(image),
                                    together.begin() + (n + 1) * static_cast<std::int64_t>(image));
      EXPECT_EQ(run(alone, true, 1), part);
    }
  });
}

TEST(Conv, TheSumRunsOverBlocksOfSixteenChannelsThenTapsThenChannels) {
  // 18 channels, two taps: worked out by hand with values whose sum depends on the order.
  const auto x = random_values<float>(18 * 2, 5, -1e3, 1e3);
  const auto w = random_values<float>(18 * 2, 6);
  float chain = 0.25F;
  for (std::size_t first : {0U, 16U})
    for (std::size_t tap = 0; tap < 2; ++tap)
      for (std::size_t c = first; c < std::min<std::size_t>(18, first + 16); ++c)
        chain = std::fma(x[c * 2 + tap], w[c * 2 + tap], chain);
  const float bias = 0.25F;
  ConvProblem<float> p;
  p.window = window_of({1, 1, 2}, {1, 1, 2}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0}, {0, 0, 0});
  p.batch = 1;
  p.in_channels = 18;
  p.out_channels = 1;
  p.x = x.data();
  p.w = w.data();
  p.bias = &bias;
  for_each_isa([&](Isa) { EXPECT_EQ(run(p, true, 1), std::vector<float>{chain}); });
}

TEST(Conv, StartsFromZeroWithoutBias) {
  Data<float> data(cases()[2]);
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

}  // namespace
}  // namespace pleat
