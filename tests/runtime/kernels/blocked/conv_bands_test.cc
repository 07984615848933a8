#include "runtime/kernels/blocked/conv_bands.h"

#include <gtest/gtest.h>

#include "runtime/kernels/blocked/halo.h"
#include "tests/support/blocked_planes.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"
#include "tests/support/window_of.h"

namespace pleat {
namespace {

struct Options {
  std::int64_t kernel = 1, stride = 1, lanes = kChannelBlock;  // of the first
  Activation between = {}, after = {};
  bool addend = false, pools = false;
};

class Pair {
 public:
  Pair(const Taps& taps, std::int64_t height, std::int64_t width, std::int64_t batch, std::int64_t in_channels,
       std::int64_t channels, const Options& options)
      : first_(window_of(height, width,
                         {options.kernel, options.kernel, options.stride, 1, options.kernel / 2, options.kernel / 2})),
        window_(window_of(first_.out[1], first_.out[2], taps)),
        x_planes_{batch, in_channels, height, width, options.lanes, padding_halo(first_)},
        between_{batch, channels, first_.out[1], first_.out[2], kChannelBlock, {}},
        y_planes_{batch, channels, window_.out[1], window_.out[2], kChannelBlock, {1, 2, 0, 1}},
        options_(options),
        x_(laid_out(x_planes_, random_values<float>(batch * in_channels * height * width, 1))),
        addend_(laid_out(y_planes_, random_values<float>(batch * channels * window_.out_elements(), 2))),
        bias_(laid_out({1, channels, 1, 1, kChannelBlock, {}}, random_values<float>(channels, 3))),
        packed_(static_cast<std::int64_t>(packed_conv_elements(first(between_)))),
        packed_depthwise_(static_cast<std::int64_t>(packed_depthwise_elements(window_, channels))) {
    const auto w = random_values<float>(channels * in_channels * first_.taps(), 4);
    pack_conv(first(between_), w.data(), random_values<float>(channels, 5).data(), {0, between_.blocks()},
              packed_.data());
    pack_depthwise(window_, channels, random_values<float>(channels * window_.taps(), 6).data(),
                   packed_depthwise_.data());
  }

  /// One after the other.
  std::vector<float> apart() const {
    ThreadPool pool;
    Planes between = between_;
    between.halo = padding_halo(window_);
    PoisonedFloats made(between.elements()), y(y_planes_.elements());
    BlockedConv problem = first(between);
    problem.y = made.data();
    conv(problem, pool);
    if (options_.pools) {
      BlockedPooling second = pooling_of(between, y.data());
      second.x = made.data();
      max_pool(second, pool);
    } else {
      DepthwiseProblem second = depthwise_of(between, y.data());
      second.x = made.data();
      depthwise(second, pool);
    }
    return read_planes(y_planes_, y);
  }

  std::vector<float> together(int threads) const {
    ThreadPool pool(threads);
    PoisonedFloats y(y_planes_.elements());
    ConvBands pair = {first(between_), depthwise_of(between_, y.data())};
    if (options_.pools) pair.reader = pooling_of(between_, y.data());
    AlignedBuffer scratch(conv_bands_scratch_bytes(pair, threads));
    conv_in_bands(pair, scratch.data(), pool);
    return read_planes(y_planes_, y);
  }

 private:
  BlockedConv first(const Planes& out) const {
    BlockedConv conv;
    conv.in = x_planes_;
    conv.out = out;
    conv.kernel = {options_.kernel, options_.kernel};
    conv.stride = {options_.stride, options_.stride};
    conv.pad = {options_.kernel / 2, options_.kernel / 2};
    conv.x = x_.data();
    conv.packed = packed_.data();
    conv.epilogue.activation = options_.between;
    return conv;
  }

  BlockedPooling pooling_of(const Planes& in, float* y) const {
    return {.window = window_, .x_planes = in, .y_planes = y_planes_, .y = y};
  }

  DepthwiseProblem depthwise_of(const Planes& in, float* y) const {
    DepthwiseProblem p{.window = window_,
                       .x_planes = in,
                       .y_planes = y_planes_,
                       .packed_w = packed_depthwise_.data(),
                       .bias = bias_.data(),
                       .y = y};
    p.epilogue.activation = options_.after;
    if (options_.addend) {
      p.epilogue.addend = addend_.data();
      p.epilogue.addend_planes = y_planes_;
    }
    return p;
  }

  Window first_, window_;
  Planes x_planes_, between_, y_planes_;
  Options options_;
  PoisonedFloats x_, addend_, bias_, packed_, packed_depthwise_;
};

void check(const Pair& pair, const std::string& what) {
  std::vector<float> expected;
  for_each_isa([&](Isa isa) {
    if (isa == Isa::kReference) expected = pair.apart();
    for (const int threads : {1, 2, 5})
      ASSERT_EQ(bits_of(pair.together(threads)), bits_of(expected)) << what << ", " << threads << " threads";
  });
}

constexpr Activation kRelu6 = {Unary::kClip, 0, 6}, kSilu = {Unary::kSilu, 0, 0}, kRelu = {Unary::kRelu, 0, 0};

TEST(ConvBands, HasTheBitsOfOneAfterTheOther) {
  const Taps kinds[] = {{3, 3, 1, 1, 1, 1}, {3, 3, 2, 1, 1, 1}, {5, 5, 1, 1, 2, 2}, {5, 5, 2, 1, 2, 2},
                        {3, 3, 2, 1, 0, 1}, {1, 1, 1, 1, 0, 0}, {3, 3, 3, 2, 4, 1}, {7, 7, 1, 1, 3, 3},
                        {2, 4, 3, 1, 1, 0}, {1, 1, 2, 1, 0, 0}, {3, 3, 5, 1, 1, 1}, {3, 3, 1, 1, 5, 5}};
  const Options endings[] = {{.between = kRelu6}, {.between = kSilu, .after = kSilu}, {.after = kRelu, .addend = true}};
  int round = 0;
  for (const Taps& taps : kinds)
    for (const std::int64_t size : {7, 14, 31})
      for (const std::int64_t channels : {16, 35, 96}) {
        const Options& options = endings[static_cast<std::size_t>(round++) % std::size(endings)];
        check(Pair(taps, size, size + 2, 1, 24, channels, options),
              std::to_string(taps.height) + "x" + std::to_string(taps.width) + " stride " +
                  std::to_string(taps.stride) + " on " + std::to_string(size) + ", " + std::to_string(channels));
      }
}

TEST(ConvBands, WorksInManyBandsOfEachImage) {
  for (const std::int64_t stride : {1, 2})
    check(Pair({3, 3, stride, 1, 1, 1}, 61, 200, 2, 8, 40, {.between = kRelu6, .after = kRelu6}), "wide");
}

TEST(ConvBands, PoolWithTheBitsOfOneAfterTheOther) {
  const Taps kinds[] = {{3, 3, 2, 1, 1, 1}, {2, 2, 2, 1, 0, 0}, {3, 3, 2, 1, 0, 0}, {3, 3, 1, 1, 1, 1},
                        {2, 3, 3, 2, 1, 1}, {1, 1, 2, 1, 0, 0}, {5, 5, 1, 1, 2, 2}};
  for (const Taps& taps : kinds)
    for (const std::int64_t size : {7, 31, 60})
      for (const std::int64_t channels : {16, 35})
        check(Pair(taps, size, size + 3, 2, 3, channels,
                   {.kernel = 3, .stride = size > 30 ? 2 : 1, .lanes = 1, .between = kRelu, .pools = true}),
              std::to_string(taps.height) + "x" + std::to_string(taps.width) + " on " + std::to_string(size));
}

TEST(ConvBands, BeginsWithAFirstLayer) {
  check(Pair({3, 3, 1, 1, 1, 1}, 90, 90, 1, 3, 32, {.kernel = 3, .stride = 2, .lanes = 1, .between = kRelu}), "planar");
}

}  // namespace
}  // namespace pleat
