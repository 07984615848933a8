#include "runtime/kernels/blocked/grouped.h"

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

struct Groups {
  std::int64_t groups, inputs, outputs;  ///< inputs and outputs of one group
};

std::vector<float> expected_values(const Window& window, std::int64_t batch, const Groups& groups,
                                   const std::vector<float>& x, const std::vector<float>& w,
                                   const std::vector<float>& bias, const std::vector<float>& addend,
                                   const Options& options) {
  std::vector<float> y(addend.size());
  ConvProblem<float> p{.window = window,
                       .batch = batch,
                       .groups = groups.groups,
                       .in_channels = groups.inputs,
                       .out_channels = groups.outputs};
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

void check(const Window& window, std::int64_t batch, const Groups& groups, const Options& options) {
  const std::int64_t inputs = groups.groups * groups.inputs, outputs = groups.groups * groups.outputs;
  const Planes x_planes{batch, inputs, window.in[1], window.in[2], kChannelBlock, wider(padding_halo(window), 1)};
  const Planes y_planes{batch, outputs, window.out[1], window.out[2], kChannelBlock, {1, 2, 0, 1}};
  Planes addend_planes = y_planes;
  addend_planes.halo = {0, 1, 2, 0};
  const auto x = random_values<float>(batch * inputs * window.in_elements(), 1);
  const auto w = random_values<float>(outputs * groups.inputs * window.taps(), 2);
  const auto bias = random_values<float>(outputs, 3);
  const auto addend = random_values<float>(batch * outputs * window.out_elements(), 4);
  const PoisonedFloats x_in = laid_out(x_planes, x), addend_in = laid_out(addend_planes, addend);
  const PoisonedFloats bias_in = laid_out({1, outputs, 1, 1, kChannelBlock, {}}, bias);

  GroupedProblem p{.window = window, .groups = groups.groups, .x_planes = x_planes, .y_planes = y_planes};
  PoisonedFloats packed(static_cast<std::int64_t>(packed_grouped_elements(p)));
  pack_grouped(p, w.data(), packed.data());
  p.x = x_in.data();
  p.packed_w = packed.data();
  p.bias = options.bias ? bias_in.data() : nullptr;
  p.epilogue.activation = options.activation;
  if (options.addend) {
    p.epilogue.addend = addend_in.data();
    p.epilogue.addend_planes = addend_planes;
  }
  std::vector<float> expected;
  for_each_isa([&](Isa isa) {
    if (isa == Isa::kReference) expected = expected_values(window, batch, groups, x, w, bias, addend, options);
    for (int threads : {1, 2}) {
      PoisonedFloats y(y_planes.elements());
      ThreadPool pool(threads);
      p.y = y.data();
      grouped(p, pool);
      ASSERT_EQ(bits_of(read_planes(y_planes, y)), bits_of(expected))
          << groups.groups << " groups of " << groups.inputs << " to " << groups.outputs << ", " << window.kernel[1]
          << 'x' << window.kernel[2] << " stride " << window.stride[1] << " on " << window.in[1] << 'x' << window.in[2];
    }
  });
}

constexpr Groups kGroups[] = {{32, 4, 4}, {8, 8, 8},  {5, 4, 4},  {3, 24, 24}, {6, 3, 5}, {3, 80, 20}, {8, 2, 4},
                              {4, 1, 2},  {2, 16, 8}, {2, 40, 3}, {16, 2, 2},  {1, 5, 7}, {5, 12, 12}, {9, 5, 1}};

TEST(Grouped, HasTheBitsOfTheRowMajorConvolution) {
  const Taps kinds[] = {{3, 3, 1, 1, 1, 1}, {3, 3, 2, 1, 1, 1}, {1, 1, 1, 1, 0, 0}, {5, 5, 1, 1, 2, 2},
                        {3, 3, 1, 2, 2, 2}, {2, 3, 3, 1, 0, 1}, {1, 1, 2, 1, 0, 0}};
  constexpr std::int64_t kWidths[] = {7, 9, 16, 12, 29, 8, 15};
  std::size_t round = 0;
  for (const Groups& groups : kGroups)
    for (const Taps& taps : kinds)
      for (int i = 0; i < 2; ++i, ++round)
        check(window_of(5, kWidths[round % std::size(kWidths)], taps), 1, groups,
              kOptions[round % std::size(kOptions)]);
}

TEST(Grouped, WorksOnNarrowPlanesOfABatch) {
  for (const Groups& groups : kGroups)
    for (std::int64_t width : {1, 2, 5}) check(window_of(width, width, {3, 3, 1, 1, 1, 1}), 3, groups, kOptions[2]);
}

}  // namespace
}  // namespace pleat
