#include "runtime/kernels/blocked/pixel_conv.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "runtime/kernels/reference.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

struct Case {
  std::int64_t batch = 1, in_channels = 1, out_channels = 1;
  std::array<std::int64_t, 2> out, kernel;  ///< height, width
  std::array<std::int64_t, 2> dilation = {1, 1}, begin = {0, 0}, end = {0, 0};
  std::int64_t stride = 1;  ///< from row to row
  Halo more = {};           ///< of x, beyond the padding
  bool bias = true, addend = false;
  Activation activation = {};
};

Window window_of(const Case& c) {
  Window w{.out = {1, c.out[0], c.out[1]},
           .kernel = {1, c.kernel[0], c.kernel[1]},
           .stride = {1, c.stride, 1},
           .dilation = {1, c.dilation[0], c.dilation[1]},
           .pad_begin = {0, c.begin[0], c.begin[1]},
           .pad_end = {0, c.end[0], c.end[1]}};
  for (std::size_t a = 1; a < 3; ++a)
    w.in[a] = (w.out[a] - 1) * w.stride[a] + (w.kernel[a] - 1) * w.dilation[a] + 1 - w.pad_begin[a] - w.pad_end[a];
  return w;
}

struct Data {
  Case c;
  PixelConv conv;
  std::vector<float> x, w, bias, addend;

  explicit Data(const Case& the_case) : c(the_case) {
    conv.window = window_of(c);
    conv.x_planes = {c.batch, c.in_channels, conv.window.in[1], conv.window.in[2], 1, {}};
    conv.x_planes.halo = {c.begin[0] + c.more.top, c.begin[1] + c.more.left, c.end[0] + c.more.bottom,
                          c.end[1] + c.more.right};
    conv.out_channels = c.out_channels;
    conv.activation = c.activation;
    x = random_values<float>(c.batch * c.in_channels * conv.window.in_elements(), 1);
    w = random_values<float>(c.out_channels * conv.depth(), 2);
    bias = random_values<float>(c.out_channels, 3);
    addend = random_values<float>(c.batch * c.out_channels * conv.window.out_elements(), 4);
  }

  std::vector<float> expected() const {
    const Window& window = conv.window;
    std::vector<float> y;
    for (std::int64_t n = 0; n < c.batch; ++n)
      for (std::int64_t m = 0; m < c.out_channels; ++m)
        for (std::int64_t i = 0; i < window.out_elements(); ++i) {
          float sum = reference::convolve(
              window, c.in_channels, x.data() + n * c.in_channels * window.in_elements(), w.data() + m * conv.depth(),
              c.bias ? bias[static_cast<std::size_t>(m)] : 0.0F, Window::unravel(i, window.out));
          if (c.addend) sum += addend[y.size()];
          y.push_back(sum);
        }
    activate(c.activation, y.data(), y.data(), static_cast<std::int64_t>(y.size()));
    return y;
  }

  /// x as planes: the halo around it 0 where it is padding, and the memory no larger than they are.
  std::vector<float> planes() const {
    const Planes& p = conv.x_planes;
    std::vector<float> memory(static_cast<std::size_t>(p.elements()));
    for (std::int64_t n = 0; n < p.batch; ++n)
      for (std::int64_t channel = 0; channel < p.channels; ++channel)
        for (std::int64_t i = 0; i < p.height; ++i)
          std::copy_n(x.data() + ((n * p.channels + channel) * p.height + i) * p.width, p.width,
                      memory.data() + p.offset(n, channel, i, 0));
    return memory;
  }

  std::vector<float> run(int threads, bool in_place = false) {
    const std::vector<float> in = planes();
    std::vector<float> packed(packed_pixel_conv_elements(conv), kNaN), added = addend, out(addend.size(), kNaN);
    pack_pixel_conv(conv, w.data(), c.bias ? bias.data() : nullptr, packed.data());
    conv.x = in.data();
    conv.packed = packed.data();
    conv.addend = c.addend ? added.data() : nullptr;
    conv.y = in_place ? added.data() : out.data();
    ThreadPool pool(threads);
    pixel_conv(conv, pool);
    return in_place ? added : out;
  }
};

/// Equal bits, NaN of any kind being one value.
void expect_same(const std::vector<float>& y, const std::vector<float>& expected) {
  ASSERT_EQ(y.size(), expected.size());
  std::size_t wrong = 0, first = 0;
  for (std::size_t i = y.size(); i-- > 0;)
    if (std::memcmp(&y[i], &expected[i], sizeof(float)) != 0 && !(std::isnan(y[i]) && std::isnan(expected[i]))) {
      ++wrong;
      first = i;
    }
  EXPECT_EQ(wrong, 0U) << "first at " << first << ": " << y[first] << " for " << expected[first];
}

void check(const Case& c) {
  Data data(c);
  std::vector<float> expected;
  for_each_isa([&](Isa isa) {
    if (isa == Isa::kReference) expected = data.expected();
    for (int threads : {1, 2, 5}) {
      SCOPED_TRACE(threads);
      expect_same(data.run(threads), expected);
    }
  });
}

TEST(PixelConv, EveryWidthAndChannelCount) {
  for (std::int64_t channels = 1; channels <= 18; channels += channels < 9 ? 1 : 3)
    for (std::int64_t width = 1; width <= 70; width += width < 34 ? 1 : 5) {
      SCOPED_TRACE(std::to_string(channels) + " channels of width " + std::to_string(width));
      check({.in_channels = 2, .out_channels = channels, .out = {7, width}, .kernel = {2, 3}});
    }
}

TEST(PixelConv, EveryHeight) {
  for (std::int64_t channels : {1, 3, 6, 8})
    for (std::int64_t height = 1; height <= 53; height += height < 9 ? 1 : 11) {
      SCOPED_TRACE(std::to_string(channels) + " channels of height " + std::to_string(height));
      check({.batch = 2,
             .in_channels = 3,
             .out_channels = channels,
             .out = {height, 41},
             .kernel = {3, 3},
             .begin = {1, 1},
             .end = {1, 1},
             .activation = {Unary::kSigmoid}});
    }
}

TEST(PixelConv, AnyShape) {
  std::mt19937 engine(7);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine() % static_cast<unsigned>(high - low + 1));
  };
  for (int i = 0; i < 150; ++i) {
    Case c = {.out = {pick(3, 30), pick(5, 50)}, .kernel = {pick(1, 5), pick(1, 5)}};
    c.batch = pick(1, 2);
    c.in_channels = pick(1, 40);
    c.out_channels = pick(1, 10);
    c.dilation = {pick(1, 2), pick(1, 3)};
    c.begin = {pick(0, 1), pick(0, 2)};
    c.end = {pick(0, 1), pick(0, 2)};
    c.stride = pick(1, 2);
    c.more = {pick(0, 2), pick(0, 2), pick(0, 2), pick(0, 2)};
    c.bias = pick(0, 3) > 0;
    c.addend = pick(0, 1) > 0;
    SCOPED_TRACE("case " + std::to_string(i));
    check(c);
  }
}

TEST(PixelConv, EveryKindOfActivation) {
  for (const Activation& f :
       {Activation{Unary::kIdentity}, Activation{Unary::kRelu}, Activation{Unary::kClip, -0.5F, 0.75F},
        Activation{Unary::kClip, 1, -1}, Activation{Unary::kLeakyRelu, 0.1F}, Activation{Unary::kSigmoid},
        Activation{Unary::kHardSwish}, Activation{Unary::kThresholdedRelu, 0.5F}})
    for (std::int64_t width : {7, 24, 31}) {
      SCOPED_TRACE(static_cast<int>(f.function));
      check({.in_channels = 18,
             .out_channels = 6,
             .out = {29, width},
             .kernel = {3, 3},
             .begin = {1, 1},
             .end = {1, 1},
             .addend = true,
             .activation = f});
    }
}

TEST(PixelConv, NaNAndNegativeZeroPassTheFusedActivations) {
  for (const Activation& f : {Activation{Unary::kRelu}, Activation{Unary::kClip, 0, 6},
                              Activation{Unary::kClip, kNaN, kNaN}, Activation{Unary::kLeakyRelu, -2}}) {
    Data data({.out_channels = 3, .out = {5, 27}, .kernel = {1, 1}, .bias = false, .addend = true, .activation = f});
    data.x[data.x.size() / 2] = kNaN;
    data.x[data.x.size() / 3] = std::numeric_limits<float>::infinity();
    for_each_isa([&](Isa) { expect_same(data.run(1), data.expected()); });
    // Sums of -0: weights of -0 times positive values, added to -0.
    for (float& w : data.w) w = -0.0F;
    for (float& x : data.x) x = 1;
    for (float& a : data.addend) a = -0.0F;
    for_each_isa([&](Isa) { expect_same(data.run(1), data.expected()); });
  }
}

TEST(PixelConv, AddsInPlace) {
  for (std::int64_t channels : {1, 3, 8}) {
    Data data({.in_channels = 5,
               .out_channels = channels,
               .out = {31, 37},
               .kernel = {3, 3},
               .addend = true,
               .activation = {Unary::kSilu}});
    const std::vector<float> expected = data.expected();
    for_each_isa([&](Isa) { expect_same(data.run(2, true), expected); });
  }
}

}  // namespace
}  // namespace pleat
