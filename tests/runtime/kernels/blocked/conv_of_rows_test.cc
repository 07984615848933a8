#include "runtime/kernels/blocked/conv_of_rows.h"

#include <gtest/gtest.h>

#include <atomic>

#include "runtime/kernels/blocked/pointwise.h"
#include "tests/support/blocked_planes.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Sizes {
  std::int64_t batch, in_channels, out_channels, height, width;
};

/// A normalisation and the 1×1 convolution that reads it.
class Pair {
 public:
  explicit Pair(const Sizes& s, bool adds = false)
      : x_planes_{s.batch, s.in_channels, s.height, s.width, kChannelBlock, {1, 0, 2, 1}},
        between_{s.batch, s.in_channels, s.height, s.width, kChannelBlock, {}},
        y_planes_{s.batch, s.out_channels, s.height, s.width, kChannelBlock, {0, 1, 1, 2}},
        adds_(adds),
        x_(laid_out(x_planes_, random_values<float>(s.batch * s.in_channels * s.height * s.width, 1))),
        addend_(laid_out(y_planes_, random_values<float>(s.batch * s.out_channels * s.height * s.width, 2))),
        mean_(row(s.in_channels, 3)),
        scale_(row(s.in_channels, 4)),
        shift_(row(s.in_channels, 5)),
        packed_(static_cast<std::int64_t>(packed_conv_elements(problem(nullptr)))) {
    pack_conv(problem(nullptr), random_values<float>(s.out_channels * s.in_channels, 6).data(),
              random_values<float>(s.out_channels, 7).data(), {0, y_planes_.blocks()}, packed_.data());
  }

  /// One after the other.
  std::vector<float> apart() const {
    ThreadPool pool;
    PoisonedFloats made(between_.elements()), y(y_planes_.elements());
    normalize(normalization(between_, made.data()), pool);
    BlockedConv conv_of_all = problem(y.data());
    conv_of_all.x = made.data();
    conv(conv_of_all, pool);
    return read_planes(y_planes_, y);
  }

  std::vector<float> together(int threads) const {
    ThreadPool pool(threads);
    PoisonedFloats y(y_planes_.elements());
    AlignedBuffer scratch(conv_of_rows_scratch_bytes(problem(nullptr), threads));
    std::atomic<std::int64_t> made = 0;
    const auto make = [&](const Planes& planes, float* x, std::int64_t n, std::int64_t b, Interval rows) {
      made += rows.size();
      normalize_rows(normalization(planes, x), n, b, rows);
    };
    conv_of_rows(problem(y.data()), make, scratch.data(), pool);
    EXPECT_GE(made, x_planes_.batch * x_planes_.blocks() * x_planes_.height);
    return read_planes(y_planes_, y);
  }

  std::size_t scratch_bytes() const { return conv_of_rows_scratch_bytes(problem(nullptr), 1); }

 private:
  static PoisonedFloats row(std::int64_t channels, unsigned seed) {
    return laid_out({1, channels, 1, 1, kChannelBlock, {}}, random_values<float>(channels, seed));
  }

  BlockedNormalization normalization(const Planes& planes, float* y) const {
    return {.x_planes = x_planes_,
            .y_planes = planes,
            .x = x_.data(),
            .mean = mean_.data(),
            .scale = scale_.data(),
            .shift = shift_.data(),
            .y = y,
            .activation = {Unary::kRelu, 0, 0}};
  }

  BlockedConv problem(float* y) const {
    BlockedConv conv;
    conv.in = between_;
    conv.out = y_planes_;
    conv.packed = packed_.data();
    conv.y = y;
    conv.epilogue.activation = {Unary::kSilu, 0, 0};
    if (adds_) {
      conv.epilogue.addend = addend_.data();
      conv.epilogue.addend_planes = y_planes_;
    }
    return conv;
  }

  Planes x_planes_, between_, y_planes_;
  bool adds_;
  PoisonedFloats x_, addend_, mean_, scale_, shift_, packed_;
};

TEST(ConvOfRows, HasTheBitsOfOneAfterTheOther) {
  const Sizes sizes[] = {{1, 64, 128, 40, 40},  {2, 35, 40, 13, 9},  {1, 16, 16, 1, 1}, {3, 96, 24, 28, 3},
                         {1, 700, 260, 14, 14}, {2, 900, 320, 7, 7}, {1, 16, 8, 2, 300}};
  for (const Sizes& s : sizes)
    for (const bool adds : {false, true}) {
      const Pair pair(s, adds);
      std::vector<float> expected;
      for_each_isa([&](Isa isa) {
        if (isa == Isa::kReference) expected = pair.apart();
        for (const int threads : {1, 2, 5})
          ASSERT_EQ(bits_of(pair.together(threads)), bits_of(expected))
              << s.in_channels << "-" << s.out_channels << " on " << s.height << ", " << threads << " threads";
      });
    }
}

TEST(ConvOfRows, KeepsAFewRowsAtATime) {
  EXPECT_LE(Pair({1, 256, 32, 64, 64}).scratch_bytes(), std::size_t{256} << 10);
}

}  // namespace
}  // namespace pleat
