#include "runtime/kernels/blocked/winograd.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>
#include <vector>

#include "runtime/base/aligned_buffer.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Case {
  const char* name;
  std::int64_t batch, in_channels, out_channels, height, width;  ///< of y
  Halo pad = {1, 1, 1, 1};
  Halo in_halo = {1, 1, 1, 1}, out_halo = {};
  Activation activation = {};
  bool bias = true, addend = false;
};

const std::vector<Case>& cases() {
  static const std::vector<Case> all = {
      {"one tile", 1, 16, 16, 4, 4},
      {"one pixel", 1, 3, 5, 1, 1},
      {"whole tiles", 1, 32, 64, 8, 12, {1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}, {Unary::kRelu}},
      {"uneven everything", 2, 17, 43, 7, 13, {1, 1, 1, 1}, {1, 1, 1, 1}, {2, 1, 0, 3}, {Unary::kRelu}, true, true},
      {"no padding", 1, 20, 16, 9, 6, {0, 0, 0, 0}, {0, 0, 0, 0}, {1, 1, 1, 1}},
      {"padding beyond the halo", 1, 5, 40, 6, 5, {2, 2, 2, 2}, {0, 1, 0, 0}, {}},
      {"wide halo", 1, 16, 8, 10, 9, {1, 0, 0, 1}, {3, 2, 4, 3}, {1, 2, 3, 4}, {Unary::kClip, -0.25F, 0.5F}},
      {"leaky", 1, 12, 33, 5, 5, {1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}, {Unary::kLeakyRelu, 0.1F}, false, true},
      {"sigmoid", 3, 24, 24, 5, 7, {1, 1, 1, 1}, {1, 1, 1, 1}, {0, 1, 1, 0}, {Unary::kSigmoid}, true, true},
      {"infinite in the spare lanes", 1, 8, 17, 4, 6, {1, 1, 1, 1}, {1, 1, 1, 1}, {}, {Unary::kReciprocal}},
      {"many tiles", 1, 18, 96, 31, 30, {1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}, {Unary::kRelu}},
      {"batch of small images", 9, 40, 32, 5, 5, {1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}},
      {"much weight", 1, 240, 141, 14, 13, {1, 1, 1, 1}, {1, 1, 1, 1}, {1, 1, 1, 1}, {Unary::kRelu}, true, true},
      {"much weight, many tiles", 2, 256, 128, 27, 19},
  };
  return all;
}

/// Planes of random values, zeros in the halo and large garbage in the lanes beyond the channels.
std::vector<float> planes_of(const Planes& planes, unsigned seed, double low, double high) {
  const auto values = random_values<float>(planes.elements(), seed, low, high);
  std::vector<float> x(values.size(), 0.0F);
  for (std::int64_t n = 0; n < planes.batch; ++n)
    for (std::int64_t b = 0; b < planes.blocks(); ++b)
      for (std::int64_t i = 0; i < planes.height; ++i)
        for (std::int64_t j = 0; j < planes.width; ++j)
          for (std::int64_t lane = 0; lane < planes.lanes; ++lane) {
            const auto at = static_cast<std::size_t>(planes.offset(n, b, i, j) + lane);
            x[at] = b * planes.lanes + lane < planes.channels ? values[at] : 1e30F;
          }
  return x;
}

struct Aligned {
  AlignedBuffer buffer;
  explicit Aligned(std::size_t count) : buffer(count * sizeof(float)) {}
  explicit Aligned(const std::vector<float>& values) : Aligned(values.size()) {
    std::copy(values.begin(), values.end(), data());
  }
  float* data() { return reinterpret_cast<float*>(buffer.data()); }
};

struct Data {
  WinogradConv p;
  std::vector<float> w, bias;
  Aligned x, addend, packed;

  explicit Data(const Case& c, double low = -1, double high = 1)
      : p{.in = {.batch = c.batch,
                 .channels = c.in_channels,
                 .height = c.height + 2 - c.pad.top - c.pad.bottom,
                 .width = c.width + 2 - c.pad.left - c.pad.right,
                 .halo = c.in_halo},
          .out =
              {.batch = c.batch, .channels = c.out_channels, .height = c.height, .width = c.width, .halo = c.out_halo},
          .pad_top = c.pad.top,
          .pad_left = c.pad.left,
          .epilogue = {.addend_planes = {}, .activation = c.activation}},
        w(random_values<float>(c.out_channels * c.in_channels * 9, 2)),
        bias(random_values<float>(c.out_channels, 3)),
        x(planes_of(p.in, 1, low, high)),
        addend(0),
        packed(packed_winograd_elements(c.in_channels, c.out_channels)) {
    p.x = x.data();
    p.packed = packed.data();
    if (c.bias) p.bias = bias.data();
    if (c.addend) {
      Planes& planes = p.epilogue.addend_planes;
      planes = p.out;
      planes.halo = {.top = 1, .left = 2, .bottom = 0, .right = 1};
      addend = Aligned(planes_of(planes, 4, -1, 1));
      p.epilogue.addend = addend.data();
    }
    pack();
  }

  /// Block by block, the last one first.
  void pack() {
    for (std::int64_t block = p.out.blocks() - 1; block >= 0; --block)
      pack_winograd(p.in.channels, p.out.channels, {block, block + 1},
                    w.data() + block * kChannelBlock * p.in.channels * 9, packed.data());
  }
};

/// All of y as it lies in memory, NaN where nothing was written and 0 in the lanes beyond the channels, provided these
/// hold finite values.
std::vector<float> run(WinogradConv p, int threads) {
  Aligned y(static_cast<std::size_t>(p.out.elements()));
  std::fill_n(y.data(), p.out.elements(), std::numeric_limits<float>::quiet_NaN());
  p.y = y.data();
  AlignedBuffer scratch(winograd_scratch_bytes(p, threads));
  std::fill_n(reinterpret_cast<float*>(scratch.data()), scratch.size() / sizeof(float),
              std::numeric_limits<float>::quiet_NaN());
  ThreadPool pool(threads);
  winograd_conv(p, scratch.data(), pool);
  for (std::int64_t at = 0; at < p.out.elements(); ++at) {
    const std::int64_t block = at / p.out.block() % p.out.blocks();
    if (block * kChannelBlock + at % kChannelBlock < p.out.channels) continue;
    EXPECT_TRUE(std::isfinite(y.data()[at]));
    y.data()[at] = 0;
  }
  return std::vector<float>(y.data(), y.data() + p.out.elements());
}

float input_at(const WinogradConv& p, std::int64_t n, std::int64_t c, std::int64_t i, std::int64_t j) {
  if (i < 0 || j < 0 || i >= p.in.height || j >= p.in.width) return 0;
  return p.x[p.in.offset(n, c / kChannelBlock, i, j) + c % kChannelBlock];
}

/// One value of y by the definition of a convolution, the epilogue aside.
double exact(const Data& data, std::int64_t n, std::int64_t m, std::int64_t i, std::int64_t j) {
  const WinogradConv& p = data.p;
  double sum = p.bias != nullptr ? static_cast<double>(p.bias[m]) : 0;
  for (std::int64_t c = 0; c < p.in.channels; ++c)
    for (std::int64_t a = 0; a < 3; ++a)
      for (std::int64_t b = 0; b < 3; ++b) {
        sum += static_cast<double>(input_at(p, n, c, i + a - p.pad_top, j + b - p.pad_left)) *
               static_cast<double>(data.w[static_cast<std::size_t>(((m * p.in.channels + c) * 3 + a) * 3 + b)]);
      }
  return sum;
}

/// The same as one chain of float, as a direct convolution sums.
float direct(const Data& data, std::int64_t n, std::int64_t m, std::int64_t i, std::int64_t j) {
  const WinogradConv& p = data.p;
  float sum = p.bias != nullptr ? p.bias[m] : 0;
  for (std::int64_t first = 0; first < p.in.channels; first += kChannelBlock)
    for (std::int64_t tap = 0; tap < 9; ++tap)
      for (std::int64_t c = first; c < std::min(p.in.channels, first + kChannelBlock); ++c)
        sum = std::fma(input_at(p, n, c, i + tap / 3 - p.pad_top, j + tap % 3 - p.pad_left),
                       data.w[static_cast<std::size_t>((m * p.in.channels + c) * 9 + tap)], sum);
  return sum;
}

TEST(Winograd, IsTheReferenceOnEveryInstructionSetAndThreadCount) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const Data data(c);
    std::vector<float> reference;
    for_each_isa([&](Isa isa) {
      if (isa == Isa::kReference) reference = run(data.p, 1);
      for (int threads : {1, 2, 3}) EXPECT_EQ(run(data.p, threads), reference) << threads << " threads";
    });
  }
}

TEST(Winograd, WritesEveryPixelAndAHaloOfZeros) {
  for (const Case& c : cases()) {
    SCOPED_TRACE(c.name);
    const Data data(c);
    const Planes& out = data.p.out;
    std::vector<float> y = run(data.p, 2);
    for (float value : y) ASSERT_FALSE(std::isnan(value));
    for (std::int64_t n = 0; n < out.batch; ++n)
      for (std::int64_t b = 0; b < out.blocks(); ++b)
        for (std::int64_t i = 0; i < out.height; ++i)
          std::fill_n(y.begin() + out.offset(n, b, i, 0), out.width * kChannelBlock, 0.0F);
    EXPECT_EQ(y, std::vector<float>(y.size(), 0.0F));
  }
}

TEST(Winograd, IsNearTheExactConvolution) {
  for (Case c : cases()) {
    SCOPED_TRACE(c.name);
    c.activation = {};
    c.addend = false;
    const Data data(c);
    const Planes& out = data.p.out;
    const std::vector<float> y = run(data.p, 2);
    const double bound = 2e-6 * static_cast<double>(c.in_channels + 1);  // |x| and |w| are at most 1
    for (std::int64_t n = 0; n < out.batch; ++n)
      for (std::int64_t m = 0; m < out.channels; m += m + 7 < out.channels ? 7 : 1)
        for (std::int64_t i = 0; i < out.height; ++i)
          for (std::int64_t j = 0; j < out.width; ++j) {
            const double right = exact(data, n, m, i, j);
            const float got = y[static_cast<std::size_t>(out.offset(n, m / kChannelBlock, i, j) + m % kChannelBlock)];
            ASSERT_NEAR(static_cast<double>(got), right, bound)
                << "image " << n << ", channel " << m << ", at " << i << ", " << j;
          }
  }
}

TEST(Winograd, TheEpilogueHasTheBitsOfSeparateOperators) {
  for (const Case& c : cases()) {
    if (c.activation == Activation() && !c.addend) continue;
    SCOPED_TRACE(c.name);
    const Data data(c);
    WinogradConv bare = data.p;
    bare.epilogue = {};
    const Planes& out = bare.out;
    const Planes& addend = data.p.epilogue.addend_planes;
    for_each_isa([&](Isa) {
      const std::vector<float> sums = run(bare, 1);
      const std::vector<float> y = run(data.p, 1);
      for (std::int64_t n = 0; n < out.batch; ++n)
        for (std::int64_t m = 0; m < out.channels; ++m)
          for (std::int64_t i = 0; i < out.height; ++i)
            for (std::int64_t j = 0; j < out.width; ++j) {
              const std::int64_t block = m / kChannelBlock, lane = m % kChannelBlock;
              const auto at = static_cast<std::size_t>(out.offset(n, block, i, j) + lane);
              float value = sums[at];
              if (c.addend) value += data.p.epilogue.addend[addend.offset(n, block, i, j) + lane];
              activate(c.activation, &value, &value, 1);
              ASSERT_EQ(y[at], value);
            }
    });
  }
}

TEST(Winograd, ImagesOfABatchHaveTheBitsTheyHaveAlone) {
  for (const Case& c : cases()) {
    if (c.batch == 1) continue;
    SCOPED_TRACE(c.name);
    const Data data(c);
    for_each_isa([&](Isa) {
      const std::vector<float> together = run(data.p, 2);
      for (std::int64_t n = 0; n < c.batch; ++n) {
        WinogradConv alone = data.p;
        alone.in.batch = alone.out.batch = alone.epilogue.addend_planes.batch = 1;
        alone.x += n * alone.in.image();
        if (c.addend) alone.epilogue.addend += n * alone.epilogue.addend_planes.image();
        const auto first = together.begin() + n * alone.out.image();
        EXPECT_EQ(run(alone, 1), std::vector<float>(first, first + alone.out.image()));
      }
    });
  }
}

/// Bᵀ·d and Aᵀ·m as winograd.h states them, with the order of operations written out.
void to_points(const float* d, std::size_t step, float* v, std::size_t v_step) {
  const float near = std::fma(-25.0F / 16, d[2 * step], d[4 * step]);
  const float near_odd = std::fma(-25.0F / 16, d[step], d[3 * step]);
  const float far = std::fma(-25.0F / 64, d[2 * step], d[4 * step]);
  const float far_odd = std::fma(-25.0F / 64, d[step], d[3 * step]);
  v[0] = std::fma(625.0F / 1024, d[0], std::fma(-125.0F / 64, d[2 * step], d[4 * step]));
  v[v_step] = std::fma(0.625F, near_odd, near);
  v[2 * v_step] = std::fma(-0.625F, near_odd, near);
  v[3 * v_step] = std::fma(1.25F, far_odd, far);
  v[4 * v_step] = std::fma(-1.25F, far_odd, far);
  v[5 * v_step] = std::fma(625.0F / 1024, d[step], std::fma(-125.0F / 64, d[3 * step], d[5 * step]));
}
void from_points(const float* m, std::size_t step, float* z, std::size_t z_step) {
  const float even = m[step] + m[2 * step], odd = m[step] - m[2 * step];
  const float far = m[3 * step] + m[4 * step], far_odd = m[3 * step] - m[4 * step];
  z[0] = m[0] + even + far;
  z[z_step] = std::fma(2.0F, far_odd, odd);
  z[2 * z_step] = std::fma(4.0F, far, even);
  z[3 * z_step] = std::fma(8.0F, far_odd, odd + m[5 * step]);
}

TEST(Winograd, FollowsTheFormulas) {
  const Data data({"", 1, 19, 18, 4, 4});
  const WinogradConv& p = data.p;
  std::vector<float> expected(static_cast<std::size_t>(p.out.elements()), 0.0F);
  for (std::int64_t m = 0; m < p.out.channels; ++m) {
    float sums[36] = {};
    for (std::int64_t c = 0; c < p.in.channels; ++c) {
      float d[36], columns[36], v[36];
      for (std::int64_t i = 0; i < 36; ++i) d[i] = input_at(p, 0, c, i / 6 - 1, i % 6 - 1);
      for (std::size_t j = 0; j < 6; ++j) to_points(d + j, 6, columns + j, 6);
      for (std::size_t i = 0; i < 6; ++i) to_points(columns + 6 * i, 1, v + 6 * i, 1);
      for (std::int64_t at = 0; at < 36; ++at)
        sums[at] = std::fma(v[at], p.packed[((m / 16 * 36 + at) * p.in.channels + c) * 16 + m % 16], sums[at]);
    }
    float columns[24], z[16];
    for (std::size_t j = 0; j < 6; ++j) from_points(sums + j, 6, columns + j, 6);
    for (std::size_t i = 0; i < 4; ++i) from_points(columns + 6 * i, 1, z + 4 * i, 1);
    for (std::int64_t at = 0; at < 16; ++at) {
      float scale = 1;
      for (std::int64_t k = 0; k < at / 4 + at % 4; ++k) scale *= 0.625F;
      expected[static_cast<std::size_t>(p.out.offset(0, m / 16, at / 4, at % 4) + m % 16)] =
          std::fma(scale, z[at], p.bias[m]);
    }
  }
  for_each_isa([&](Isa) { EXPECT_EQ(run(p, 1), expected); });
}

/// Inputs as behind a ReLU, weights as He et al. start them: the error that a network sees.
TEST(Winograd, LosesAtMostTwoAndAHalfTimesWhatADirectSumLoses) {
  for (std::int64_t channels : {64, 256}) {
    Case c = {"", 1, channels, 32, 12, 12};
    c.bias = false;
    Data data(c, -1, 1);
    for (std::int64_t i = 0; i < data.p.in.elements(); ++i) data.x.data()[i] = std::max(data.x.data()[i], 0.0F);
    const float he = std::sqrt(2.0F / (9 * static_cast<float>(channels)));
    for (float& w : data.w) w *= he * std::sqrt(3.0F);
    data.pack();
    const std::vector<float> y = run(data.p, 1);
    double winograd_error = 0, direct_error = 0;
    for (std::int64_t m = 0; m < c.out_channels; ++m)
      for (std::int64_t i = 0; i < c.height; ++i)
        for (std::int64_t j = 0; j < c.width; ++j) {
          const double right = exact(data, 0, m, i, j);
          const auto at = static_cast<std::size_t>(data.p.out.offset(0, m / 16, i, j) + m % 16);
          winograd_error += std::pow(static_cast<double>(y[at]) - right, 2);
          direct_error += std::pow(static_cast<double>(direct(data, 0, m, i, j)) - right, 2);
        }
    const double ratio = std::sqrt(winograd_error / direct_error);
    std::printf("%d channels: error %.2f times that of a direct sum\n", static_cast<int>(channels), ratio);
    EXPECT_LT(ratio, 2.5);
  }
}

TEST(Winograd, PaysWhereTilesOutweighWeights) {
  for (std::int64_t size : {12, 13, 14, 28, 56, 112, 224})
    for (std::int64_t channels : {64, 128, 512}) EXPECT_TRUE(winograd_pays(channels, channels, size, size)) << size;
  EXPECT_TRUE(winograd_pays(128, 32, 14, 14));
  EXPECT_TRUE(winograd_pays(16, 64, 55, 55));
  EXPECT_TRUE(winograd_pays(48, 192, 13, 13));
  EXPECT_FALSE(winograd_pays(512, 512, 7, 7));
  EXPECT_FALSE(winograd_pays(512, 512, 8, 8));
  EXPECT_FALSE(winograd_pays(16, 16, 13, 13));
  EXPECT_FALSE(winograd_pays(128, 32, 7, 7));
  EXPECT_FALSE(winograd_pays(3, 64, 224, 224));
  EXPECT_FALSE(winograd_pays(64, 8, 56, 56));
  EXPECT_FALSE(winograd_pays(64, 64, 1, 1000));
}

}  // namespace
}  // namespace pleat
