#include "runtime/kernels/blocked/conv.h"

#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "runtime/base/aligned_buffer.h"
#include "runtime/kernels/reference.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();
constexpr float kGarbage = 3e18F;

struct Case {
  std::int64_t batch = 1, groups = 1, in_channels = 16, out_channels = 16;
  std::int64_t in_lanes = kChannelBlock;
  Window window;   ///< the first axis of size 1
  Halo more = {};  ///< of the input, beyond what is read
  Halo out_halo = {}, addend_halo = {};
  bool bias = true, addend = false;
  Activation activation = {};
  float scale = 1;  ///< of x and w
};

Window window_of(std::array<std::int64_t, 2> in, std::array<std::int64_t, 2> kernel,
                 std::array<std::int64_t, 2> stride = {1, 1}, std::array<std::int64_t, 2> dilation = {1, 1},
                 std::array<std::int64_t, 2> begin = {0, 0}, std::array<std::int64_t, 2> end = {0, 0}) {
  Window w{.in = {1, in[0], in[1]},
           .kernel = {1, kernel[0], kernel[1]},
           .stride = {1, stride[0], stride[1]},
           .dilation = {1, dilation[0], dilation[1]},
           .pad_begin = {0, begin[0], begin[1]},
           .pad_end = {0, end[0], end[1]}};
  for (std::size_t a = 0; a < 3; ++a)
    w.out[a] = (w.in[a] + w.pad_begin[a] + w.pad_end[a] - (w.kernel[a] - 1) * w.dilation[a] - 1) / w.stride[a] + 1;
  return w;
}

struct Buffer {
  AlignedBuffer memory;
  explicit Buffer(std::int64_t elements, float fill = 0) : memory(static_cast<std::size_t>(elements) * sizeof(float)) {
    std::fill_n(data(), elements, fill);
  }
  float* data() { return reinterpret_cast<float*>(memory.data()); }
};

/// Dense NCHW values as planes: the halo `around` (0 or what must be overwritten), lanes beyond the channels garbage.
Buffer planes_of(const Planes& planes, const std::vector<float>& dense, float around) {
  Buffer buffer(planes.elements(), around);
  for (std::int64_t n = 0; n < planes.batch; ++n)
    for (std::int64_t c = 0; c < planes.blocks() * planes.lanes; ++c)
      for (std::int64_t y = 0; y < planes.height; ++y)
        for (std::int64_t x = 0; x < planes.width; ++x) {
          const std::int64_t flat = ((n * planes.channels + c) * planes.height + y) * planes.width + x;
          buffer.data()[planes.offset(n, c / planes.lanes, y, x) + c % planes.lanes] =
              c < planes.channels ? dense[static_cast<std::size_t>(flat)] : kGarbage;
        }
  return buffer;
}

std::vector<float> dense_of(const Planes& planes, const float* memory) {
  std::vector<float> dense;
  for (std::int64_t n = 0; n < planes.batch; ++n)
    for (std::int64_t c = 0; c < planes.channels; ++c)
      for (std::int64_t y = 0; y < planes.height; ++y)
        for (std::int64_t x = 0; x < planes.width; ++x)
          dense.push_back(memory[planes.offset(n, c / planes.lanes, y, x) + c % planes.lanes]);
  return dense;
}

/// The halo is +0 and the lanes beyond the channels are finite.
void expect_rest(const Planes& planes, const float* memory) {
  std::int64_t wrong = 0;
  for (std::int64_t n = 0; n < planes.batch; ++n)
    for (std::int64_t b = 0; b < planes.blocks(); ++b)
      for (std::int64_t y = -planes.halo.top; y < planes.height + planes.halo.bottom; ++y)
        for (std::int64_t x = -planes.halo.left; x < planes.width + planes.halo.right; ++x)
          for (std::int64_t lane = 0; lane < planes.lanes; ++lane) {
            const float value = memory[planes.offset(n, b, y, x) + lane];
            if (y < 0 || y >= planes.height || x < 0 || x >= planes.width)
              wrong += value != 0 || std::signbit(value);
            else if (b * planes.lanes + lane >= planes.channels)
              wrong += !std::isfinite(value);
          }
  EXPECT_EQ(wrong, 0);
}

struct Data {
  Case c;
  std::vector<float> x, w, bias, addend;
  BlockedConv conv;
  Buffer packed = Buffer(0);

  explicit Data(const Case& the_case, float special = 0) : c(the_case) {
    const Window& window = c.window;
    conv.in = {c.batch, c.in_channels, window.in[1], window.in[2], c.in_lanes, {}};
    conv.in.halo = {window.pad_begin[1] + c.more.top, window.pad_begin[2] + c.more.left,
                    window.pad_end[1] + c.more.bottom, window.pad_end[2] + c.more.right};
    conv.out = {c.batch, c.out_channels, window.out[1], window.out[2], kChannelBlock, c.out_halo};
    conv.groups = c.groups;
    conv.kernel = {window.kernel[1], window.kernel[2]};
    conv.stride = {window.stride[1], window.stride[2]};
    conv.dilation = {window.dilation[1], window.dilation[2]};
    conv.pad = {window.pad_begin[1], window.pad_begin[2]};
    conv.epilogue.addend_planes = conv.out;
    conv.epilogue.addend_planes.halo = c.addend_halo;
    conv.epilogue.activation = c.activation;
    x = random_values<float>(c.batch * c.in_channels * window.in_elements(), 1);
    if (special != 0 || special != special) x[x.size() / 2] = special;
    w = random_values<float>(c.out_channels * conv.depth(), 2);
    bias = random_values<float>(c.out_channels, 3);
    addend = random_values<float>(c.batch * c.out_channels * window.out_elements(), 4);
    for (float& value : x) value *= c.scale;
    for (float& value : w) value *= c.scale;
    pack();
  }

  void pack() {
    packed = Buffer(static_cast<std::int64_t>(packed_conv_elements(conv)), kNaN);
    for (std::int64_t b = conv.out.blocks() - 1; b >= 0; --b)
      pack_conv(conv, w.data() + b * kChannelBlock * conv.depth(), c.bias ? bias.data() : nullptr, {b, b + 1},
                packed.data());
    conv.packed = packed.data();
    conv.leaves_padding = padding_is_worth_leaving(conv);
  }

  std::vector<float> expected() const {
    const Window& window = c.window;
    std::vector<float> y;
    const std::int64_t group_in = c.in_channels / c.groups, group_out = c.out_channels / c.groups;
    for (std::int64_t n = 0; n < c.batch; ++n)
      for (std::int64_t m = 0; m < c.out_channels; ++m)
        for (std::int64_t i = 0; i < window.out_elements(); ++i) {
          const float* planes = x.data() + (n * c.in_channels + m / group_out * group_in) * window.in_elements();
          float sum =
              reference::convolve(window, group_in, planes, w.data() + m * group_in * window.taps(),
                                  c.bias ? bias[static_cast<std::size_t>(m)] : 0.0F, Window::unravel(i, window.out));
          if (conv.leaves_padding) sum += 0.0F;
          if (c.addend) sum += addend[y.size()];
          y.push_back(sum);
        }
    activate(c.activation, y.data(), y.data(), static_cast<std::int64_t>(y.size()));
    return y;
  }

  std::vector<float> run(int threads, bool in_place = false) {
    Buffer in = planes_of(conv.in, x, 0);
    Buffer added = planes_of(conv.epilogue.addend_planes, addend, kNaN);
    Buffer out(conv.out.elements(), kNaN);
    conv.x = in.data();
    conv.epilogue.addend = c.addend ? added.data() : nullptr;
    conv.y = in_place ? added.data() : out.data();
    ThreadPool pool(threads);
    pleat::conv(conv, pool);
    expect_rest(conv.out, conv.y);
    return dense_of(conv.out, conv.y);
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

void check(const Case& c, float special = 0) {
  Data data(c, special);
  std::vector<float> expected;
  for_each_isa([&](Isa isa) {
    if (isa == Isa::kReference) expected = data.expected();
    for (int threads : {1, 2, 5}) {
      SCOPED_TRACE(threads);
      expect_same(data.run(threads), expected);
    }
  });
}

TEST(BlockedConv, PointwiseOfEveryPixelCount) {
  for (std::int64_t pixels = 1; pixels <= 45; ++pixels) {
    SCOPED_TRACE(pixels);
    check({.in_channels = 20, .out_channels = 130, .window = window_of({1, pixels}, {1, 1})});
    check({.in_channels = 3, .out_channels = 40, .window = window_of({pixels, 1}, {1, 1}), .out_halo = {0, 1, 0, 0}});
  }
}

TEST(BlockedConv, PointwiseOfEveryBlockCount) {
  for (std::int64_t channels : {1, 16, 17, 40, 64, 65, 81, 112, 113, 144, 272})
    for (std::int64_t pixels : {1, 2, 3, 5, 8, 21}) {
      SCOPED_TRACE(std::to_string(channels) + " channels, " + std::to_string(pixels) + " pixels");
      check({.in_channels = 33, .out_channels = channels, .window = window_of({1, pixels}, {1, 1})});
    }
}

TEST(BlockedConv, RowsWithHalo) {
  for (std::int64_t size : {1, 2, 5, 7, 10, 14, 17, 28, 30}) {
    SCOPED_TRACE(size);
    check({.in_channels = 24,
           .out_channels = 48,
           .window = window_of({size, size}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
           .out_halo = {1, 1, 1, 1}});
  }
}

TEST(BlockedConv, PlanarInput) {
  for (std::int64_t channels : {1, 3, 4, 16, 21})
    check({.in_channels = channels,
           .out_channels = 37,
           .in_lanes = 1,
           .window = window_of({19, 23}, {7, 5}, {2, 2}, {1, 1}, {3, 2}, {3, 2}),
           .more = {1, 0, 2, 3},
           .out_halo = {1, 1, 1, 1}});
}

TEST(BlockedConv, RowsOfEight) {
  for (std::int64_t height : {1, 2, 3, 4, 5, 7, 8, 11, 70})
    for (std::int64_t lanes : {std::int64_t{1}, kChannelBlock})
      for (std::int64_t channels : {6, 16, 40}) {
        SCOPED_TRACE(std::to_string(height) + " rows, " + std::to_string(channels) + " channels");
        check({.batch = 2,
               .in_channels = 18,
               .out_channels = channels,
               .in_lanes = lanes,
               .window = window_of({height, 8}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
               .more = {0, 1, 1, 2},
               .out_halo = {1, 0, 0, height % 2},
               .addend = channels == 16,
               .activation = {channels == 6 ? Unary::kSigmoid : Unary::kRelu}});
      }
}

TEST(BlockedConv, RunsOfSeven) {
  for (std::int64_t width : {6, 7, 8, 13, 14, 15, 21, 28})
    for (std::int64_t stride : {1, 2, 3})
      for (std::int64_t lanes : {std::int64_t{1}, kChannelBlock}) {
        SCOPED_TRACE(std::to_string(width) + " wide, stride " + std::to_string(stride));
        check({.in_channels = 19,
               .out_channels = 32,
               .in_lanes = lanes,
               .window = window_of({5, width * stride}, {1, 3}, {1, stride}, {1, stride}, {0, stride}, {0, stride}),
               .out_halo = {1, 0, 0, 1},
               .addend = stride == 2});
      }
}

TEST(BlockedConv, ManyChunks) {
  check({.batch = 2, .in_channels = 8, .out_channels = 48, .window = window_of({40, 41}, {1, 1})});
  check({.in_channels = 700, .out_channels = 32, .window = window_of({13, 17}, {1, 1})});
}

/// Made in turns.
TEST(BlockedConv, LongSums) {
  for (const std::int64_t width : {7, 8})
    for (const std::int64_t groups : {1, 2}) {
      SCOPED_TRACE(std::to_string(width) + " wide, " + std::to_string(groups) + " groups");
      const std::int64_t in_channels = groups == 1 ? 201 : 320, out_channels = groups == 1 ? 36 : 64;
      ASSERT_GE(in_channels / groups * 9, kLongSum);
      const Window window = window_of({7, width}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1});
      Case c = {.groups = groups, .in_channels = in_channels, .out_channels = out_channels, .window = window};
      check(c);
      c.batch = 2;
      c.addend = true;
      c.out_halo = c.addend_halo = {1, 1, 1, 1};
      c.activation = {Unary::kSilu};
      check(c);
      Data data(c);
      const std::vector<float> expected = data.expected();
      for_each_isa([&](Isa) { expect_same(data.run(2, true), expected); });
    }
}

/// In rows of seven padding is left out.
TEST(BlockedConv, Padding) {
  for (const std::int64_t height : {1, 2, 7, 40})
    for (const std::int64_t kernel : {2, 3, 5})
      for (const std::int64_t stride : {1, 2})
        for (const std::int64_t dilation : {1, 2}) {
          SCOPED_TRACE(std::to_string(height) + " rows, kernel " + std::to_string(kernel) + ", stride " +
                       std::to_string(stride) + ", dilation " + std::to_string(dilation));
          const std::int64_t reach = (kernel - 1) * dilation, pad = (reach + 1) / 2, end = reach / 2;
          const Window window = window_of({height, 7 * stride}, {kernel, kernel}, {1, stride}, {dilation, dilation},
                                          {pad, pad}, {end, end});
          Case c = {.in_channels = 19, .out_channels = 80, .window = window, .out_halo = {1, 1, 1, 1}};
          ASSERT_TRUE(Data(c).conv.leaves_padding);
          check(c);
          c.scale = 1e-25F;  // products that round to a zero of their sign
          c.bias = false;
          check(c);
          c.addend = true;
          check(c);
        }
}

TEST(BlockedConv, PaddingIsMultipliedByWeightsThatAreNotFinite) {
  const Case c = {.window = window_of({7, 7}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1})};
  Data data(c);
  data.w[4 * 9] = std::numeric_limits<float>::infinity();
  data.pack();
  EXPECT_FALSE(data.conv.leaves_padding);
  const std::vector<float> expected = data.expected();
  EXPECT_TRUE(std::isnan(expected[0]));
  for_each_isa([&](Isa) { expect_same(data.run(2), expected); });
}

TEST(BlockedConv, AnyShape) {
  std::mt19937 engine(7);
  const auto pick = [&](std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(engine() % static_cast<unsigned>(high - low + 1));
  };
  for (int i = 0; i < 150; ++i) {
    Case c;
    c.batch = pick(1, 2);
    c.groups = pick(0, 3) == 0 ? pick(2, 3) : 1;
    c.in_channels = c.groups > 1 ? c.groups * kChannelBlock * pick(1, 2) : pick(1, 40);
    c.out_channels = c.groups > 1 ? c.groups * kChannelBlock * pick(1, 3) : pick(1, 70);
    if (c.groups == 1 && pick(0, 2) == 0) c.in_lanes = 1;
    const std::array<std::int64_t, 2> kernel = {pick(1, 4), pick(1, 4)}, dilation = {pick(1, 2), pick(1, 3)};
    c.window = window_of({kernel[0] * dilation[0] + pick(0, 8), kernel[1] * dilation[1] + pick(0, 20)}, kernel,
                         {pick(1, 3), pick(1, 3)}, dilation, {pick(0, 2), pick(0, 2)}, {pick(0, 2), pick(0, 2)});
    c.more = {pick(0, 2), pick(0, 2), pick(0, 2), pick(0, 2)};
    c.out_halo = {pick(0, 1), pick(0, 2), pick(0, 1), pick(0, 1)};
    c.addend_halo = {pick(0, 1), pick(0, 1), pick(0, 2), pick(0, 1)};
    c.bias = pick(0, 3) > 0;
    c.addend = pick(0, 1) > 0;
    SCOPED_TRACE("case " + std::to_string(i));
    check(c);
  }
}

TEST(BlockedConv, EveryKindOfActivation) {
  for (const Activation& f :
       {Activation{Unary::kIdentity}, Activation{Unary::kRelu}, Activation{Unary::kClip, -0.5F, 0.75F},
        Activation{Unary::kClip, 1, -1}, Activation{Unary::kLeakyRelu, 0.1F}, Activation{Unary::kSilu},
        Activation{Unary::kHardSwish}, Activation{Unary::kGelu}, Activation{Unary::kThresholdedRelu, 0.5F}})
    for (std::int64_t width : {6, 14}) {
      SCOPED_TRACE(static_cast<int>(f.function));
      check({.in_channels = 18,
             .out_channels = 40,
             .window = window_of({5, width}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
             .out_halo = {0, 1, 0, 0},
             .addend_halo = {1, 0, 1, 0},
             .addend = true,
             .activation = f});
    }
}

TEST(BlockedConv, NaNAndNegativeZeroPassTheFusedActivations) {
  for (const Activation& f : {Activation{Unary::kRelu}, Activation{Unary::kClip, 0, 6},
                              Activation{Unary::kClip, kNaN, kNaN}, Activation{Unary::kLeakyRelu, -2}})
    for (float special : {kNaN, std::numeric_limits<float>::infinity()}) {
      Case c = {
          .out_channels = 32, .window = window_of({3, 14}, {1, 1}), .bias = false, .addend = true, .activation = f};
      check(c, special);
      // Sums of -0: weights of -0 times positive values, added to -0.
      Data data(c);
      for (float& w : data.w) w = -0.0F;
      for (float& x : data.x) x = std::fabs(x);
      for (float& a : data.addend) a = -0.0F;
      data.pack();
      for_each_isa([&](Isa) { expect_same(data.run(1), data.expected()); });
    }
}

TEST(BlockedConv, AddsInPlace) {
  Data data({.in_channels = 40,
             .out_channels = 70,
             .window = window_of({9, 11}, {3, 3}, {1, 1}, {1, 1}, {1, 1}, {1, 1}),
             .out_halo = {1, 1, 1, 1},
             .addend_halo = {1, 1, 1, 1},
             .addend = true,
             .activation = {Unary::kSilu}});
  const std::vector<float> expected = data.expected();
  for_each_isa([&](Isa) { expect_same(data.run(2, true), expected); });
}

TEST(BlockedConv, ImagesOfABatchHaveTheBitsTheyHaveAlone) {
  Data together({.batch = 3, .in_channels = 20, .out_channels = 33, .window = window_of({7, 7}, {3, 3})});
  Data alone({.batch = 1, .in_channels = 20, .out_channels = 33, .window = window_of({7, 7}, {3, 3})});
  for_each_isa([&](Isa) {
    const auto all = together.run(2);
    const auto size = static_cast<std::ptrdiff_t>(all.size() / 3);
    for (std::ptrdiff_t n = 0; n < 3; ++n) {
      const auto in = static_cast<std::ptrdiff_t>(together.x.size() / 3);
      alone.x.assign(together.x.begin() + n * in, together.x.begin() + (n + 1) * in);
      expect_same(alone.run(1), {all.begin() + n * size, all.begin() + (n + 1) * size});
    }
  });
}

}  // namespace
}  // namespace pleat
