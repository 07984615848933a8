#include "runtime/kernels/blocked/depthwise.h"

#include <gtest/gtest.h>

#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/conv.h"
#include "tests/support/blocked_planes.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"
#include "tests/support/window_of.h"

namespace pleat {
namespace {

Halo wider(Halo halo, std::int64_t by) { return {halo.top + by, halo.left, halo.bottom, halo.right + by}; }

struct Options {
  bool bias, addend;
  Activation activation;
};
constexpr Options kOptions[] = {{false, false, {}},
                                {true, false, {Unary::kRelu, 0, 0}},
                                {true, true, {Unary::kClip, 0, 6}},
                                {false, true, {Unary::kSilu, 0, 0}},
                                {true, false, {Unary::kHardSwish, 0, 0}}};

std::vector<float> expected_values(const Window& window, std::int64_t batch, std::int64_t channels,
                                   const std::vector<float>& x, const std::vector<float>& w,
                                   const std::vector<float>& bias, const std::vector<float>& addend,
                                   const Options& options) {
  std::vector<float> y(addend.size());
  ConvProblem<float> p{.window = window, .batch = batch, .groups = channels, .in_channels = 1, .out_channels = 1};
  p.x = x.data();
  p.w = w.data();
  p.bias = options.bias ? bias.data() : nullptr;
  p.y = y.data();
  AlignedBuffer scratch(conv_scratch_bytes(p, 1));
  ThreadPool pool;
  conv(p, scratch.data(), pool);
  if (options.addend)
    for (std::size_t i = 0; i < y.size(); ++i) y[i] += addend[i];
  activate(options.activation, y.data(), y.data(), static_cast<std::int64_t>(y.size()));
  return y;
}

void check(const Window& window, std::int64_t batch, std::int64_t channels, const Options& options) {
  const Planes x_planes{batch, channels, window.in[1], window.in[2], kChannelBlock, wider(padding_halo(window), 1)};
  const Planes y_planes{batch, channels, window.out[1], window.out[2], kChannelBlock, {1, 2, 0, 1}};
  Planes addend_planes = y_planes;
  addend_planes.halo = {0, 1, 2, 0};
  const auto x = random_values<float>(batch * channels * window.in_elements(), 1);
  const auto w = random_values<float>(channels * window.taps(), 2);
  const auto bias = random_values<float>(channels, 3);
  const auto addend = random_values<float>(batch * channels * window.out_elements(), 4);

  const PoisonedFloats x_in = laid_out(x_planes, x), addend_in = laid_out(addend_planes, addend);
  const PoisonedFloats bias_in = laid_out({1, channels, 1, 1, kChannelBlock, {}}, bias);
  PoisonedFloats packed(static_cast<std::int64_t>(packed_depthwise_elements(window, channels)));
  pack_depthwise(window, channels, w.data(), packed.data());

  std::vector<float> expected;
  for_each_isa([&](Isa isa) {
    if (isa == Isa::kReference) expected = expected_values(window, batch, channels, x, w, bias, addend, options);
    for (int threads : {1, 2}) {
      PoisonedFloats y(y_planes.elements());
      ThreadPool pool(threads);
      DepthwiseProblem p{.window = window,
                         .x_planes = x_planes,
                         .y_planes = y_planes,
                         .x = x_in.data(),
                         .packed_w = packed.data(),
                         .bias = options.bias ? bias_in.data() : nullptr,
                         .y = y.data()};
      p.epilogue.activation = options.activation;
      if (options.addend) {
        p.epilogue.addend = addend_in.data();
        p.epilogue.addend_planes = addend_planes;
      }
      depthwise(p, pool);
      ASSERT_EQ(bits_of(read_planes(y_planes, y)), bits_of(expected))
          << window.kernel[1] << 'x' << window.kernel[2] << " stride " << window.stride[1] << " on " << window.in[1]
          << 'x' << window.in[2] << ", " << channels << " channels";
    }
  });
}

TEST(Depthwise, HasTheBitsOfTheRowMajorConvolution) {
  const Taps kinds[] = {{3, 3, 1, 1, 1, 1}, {3, 3, 2, 1, 1, 1}, {5, 5, 1, 1, 2, 2}, {5, 5, 2, 1, 2, 2},
                        {7, 7, 1, 1, 3, 3}, {7, 7, 2, 1, 3, 3}, {3, 3, 2, 1, 0, 1}, {5, 3, 1, 1, 0, 2},
                        {1, 7, 1, 1, 0, 0}, {3, 3, 1, 2, 2, 2}, {2, 4, 3, 1, 1, 0}, {1, 1, 1, 1, 0, 0},
                        {3, 3, 3, 2, 4, 1}, {9, 9, 1, 1, 4, 4}};
  int round = 0;
  for (const Taps& taps : kinds)
    for (std::int64_t width : {7, 8, 10, 13, 14, 15, 28, 31})
      for (std::int64_t channels : {16, 35})
        check(window_of(9, width, taps), 1, channels,
              kOptions[static_cast<std::size_t>(round++) % std::size(kOptions)]);
}

TEST(Depthwise, EndsInAddendAndActivation) {
  for (const Options& options : kOptions) check(window_of(20, 40, {3, 3, 1, 1, 1, 1}), 2, 40, options);
}

TEST(Depthwise, WorksOnNarrowPlanes) {
  for (std::int64_t width : {1, 2, 3, 4, 5})
    for (std::int64_t kernel : {1, 3, 5, 7})
      check(window_of(width, width, {kernel, kernel, 1, 1, kernel / 2, kernel / 2}), 2, 17, kOptions[2]);
}

TEST(Depthwise, MayAddToWhatItOverwrites) {
  const Window window = window_of(6, 15, {3, 3, 1, 1, 1, 1});
  const Planes planes{1, 16, 6, 15, kChannelBlock, {1, 1, 1, 1}};
  const auto x = random_values<float>(16 * 90, 1), w = random_values<float>(16 * 9, 2),
             addend = random_values<float>(16 * 90, 3);
  const auto expected = expected_values(window, 1, 16, x, w, {}, addend, {false, true, {}});
  const PoisonedFloats in = laid_out(planes, x);
  PoisonedFloats packed(static_cast<std::int64_t>(packed_depthwise_elements(window, 16)));
  pack_depthwise(window, 16, w.data(), packed.data());
  for_each_isa([&](Isa) {
    PoisonedFloats y = laid_out(planes, addend);
    DepthwiseProblem p{.window = window,
                       .x_planes = planes,
                       .y_planes = planes,
                       .x = in.data(),
                       .packed_w = packed.data(),
                       .y = y.data()};
    p.epilogue.addend = y.data();
    p.epilogue.addend_planes = planes;
    ThreadPool pool;
    depthwise(p, pool);
    EXPECT_EQ(read_planes(planes, y), expected);
  });
}

}  // namespace
}  // namespace pleat
