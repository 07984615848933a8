#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/pixel_conv.cc"
#include "runtime/kernels/blocked/pixel_conv.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "runtime/base/check.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/parallel.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/pixel_conv_tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

inline constexpr std::int64_t kPixelLanes = hn::MaxLanes(hn::ScalableTag<float>());

inline PixelWalk pixel_walk(const PixelConv& conv) {
  constexpr std::int64_t kBytes = sizeof(float);
  const Planes& in = conv.x_planes;
  const Window& window = conv.window;
  PixelWalk walk = {};
  walk.in_blocks = (in.channels + kChannelBlock - 1) / kChannelBlock;
  walk.last_channels = in.channels - (walk.in_blocks - 1) * kChannelBlock;
  walk.kernel_height = window.kernel[1];
  walk.kernel_width = window.kernel[2];
  walk.channel_step = in.block() * kBytes;
  walk.block_step = kChannelBlock * walk.channel_step;
  walk.row_step = window.dilation[1] * in.row() * kBytes;
  walk.column_step = window.dilation[2] * kBytes;
  walk.weight_step = conv.out_channels * kBytes;
  walk.y_step = window.out_elements();
  walk.a = conv.activation.a;
  walk.b = conv.activation.b;
  if (conv.activation.function == Unary::kClip) walk.end = PixelWalk::End::kBound;
  if (conv.activation.function == Unary::kLeakyRelu) walk.end = PixelWalk::End::kSlope;
  if (conv.activation.function == Unary::kRelu) {
    walk.end = PixelWalk::End::kLeast;
    walk.a = 0;
  }
  return walk;
}

template <class Sums>
void pixel_tile(const PixelWalk& walk, const PixelTile& tile) {
  Sums sums(tile);
  sums.sum(walk, tile);
  sums.finish(walk, tile);
}

struct PixelKernel {
  void (*run)(const PixelWalk&, const PixelTile&);
  std::int64_t rows;  ///< that it makes at once
};
template <class Sums>
constexpr PixelKernel kernel_of() {
  return {pixel_tile<Sums>, Sums::kRows};
}

/// The tiles of one number of channels by their width in half vectors, from 1.
struct PixelKernels {
  PixelKernel of_halves[4];
};
template <int kChannels>
constexpr PixelKernels kernels_of_channels() {
  using Whole = hn::ScalableTag<float>;
#if HWY_TARGET == HWY_AVX3
  using Half = hn::Half<Whole>;
#else
  using Half = Whole;
#endif
  return {{kernel_of<PixelSums<kChannels, 0, Half>>(), kernel_of<PixelSums<kChannels, 0, Whole>>(),
           kernel_of<PixelSums<kChannels, 1, Half>>(), kernel_of<PixelSums<kChannels, 1, Whole>>()}};
}

template <int... kLess>
const PixelKernels& kernels_of(std::int64_t channels, std::integer_sequence<int, kLess...>) {
  static constexpr PixelKernels kAll[] = {kernels_of_channels<kLess + 1>()...};
  return kAll[channels - 1];
}

/// `channels` of some rows of image n.
inline void pixel_conv_channels(const PixelConv& conv, const PixelWalk& walk, std::int64_t n, Interval rows,
                                Interval channels) {
  const Window& window = conv.window;
  const Planes& in = conv.x_planes;
  const PixelKernels& kernels = kernels_of(channels.size(), std::make_integer_sequence<int, kMostPixelChannels>());
  const std::int64_t first = (n * conv.out_channels + channels.begin) * window.out_elements();
  PixelTile tile = {};
  tile.bias = conv.packed + channels.begin;
  tile.weights = tile.bias + conv.out_channels;
  for (std::int64_t column = 0; column < window.out[2]; column += 2 * kPixelLanes) {
    const std::int64_t width = std::min(2 * kPixelLanes, window.out[2] - column);
    const PixelKernel& kernel = kernels.of_halves[(width - 1) / (kPixelLanes / 2)];
    tile.tail = width > kPixelLanes ? width - kPixelLanes : width;
    tile.y = conv.y + first + column;
    if (conv.addend != nullptr) tile.addend = conv.addend + first + column;
    for (std::int64_t row = rows.begin; row < rows.end; row += kernel.rows) {
      for (std::int64_t r = 0; r < kernel.rows; ++r) {
        const std::int64_t at = std::min(row + r, rows.end - 1);
        tile.x[r] = reinterpret_cast<const char*>(
            conv.x + in.offset(n, 0, at * window.stride[1] - window.pad_begin[1], column - window.pad_begin[2]));
        tile.rows[r] = at * window.out[2];
      }
      kernel.run(walk, tile);
    }
  }
}

inline void pixel_conv_rows(const PixelConv& conv, std::int64_t n, Interval rows) {
  const PixelWalk walk = pixel_walk(conv);
  const std::int64_t groups = (conv.out_channels + kMostPixelChannels - 1) / kMostPixelChannels;
  for (std::int64_t g = 0; g < groups; ++g)
    pixel_conv_channels(conv, walk, n, rows, {conv.out_channels * g / groups, conv.out_channels * (g + 1) / groups});
  const Unary f = conv.activation.function;
  if (f == Unary::kIdentity || f == Unary::kRelu || f == Unary::kClip || f == Unary::kLeakyRelu) return;
  for (std::int64_t m = 0; m < conv.out_channels; ++m) {
    float* y = conv.y + (n * conv.out_channels + m) * conv.window.out_elements() + rows.begin * conv.window.out[2];
    activate(conv.activation, y, y, rows.size() * conv.window.out[2]);
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

void pixel_conv_rows(const PixelConv& conv, std::int64_t n, Interval rows) {
  const Window& window = conv.window;
  const Planes& in = conv.x_planes;
  for (std::int64_t m = 0; m < conv.out_channels; ++m)
    for (std::int64_t row = rows.begin; row < rows.end; ++row)
      for (std::int64_t column = 0; column < window.out[2]; ++column) {
        float sum = conv.packed[m];
        const float* w = conv.packed + conv.out_channels + m;
        for (std::int64_t block = 0; block < in.channels; block += kChannelBlock)
          for (std::int64_t tap = 0; tap < window.taps(); ++tap) {
            const std::int64_t h = window.source(1, row, tap / window.kernel[2]);
            const std::int64_t v = window.source(2, column, tap % window.kernel[2]);
            for (std::int64_t c = block; c < std::min(in.channels, block + kChannelBlock); ++c, w += conv.out_channels)
              sum = std::fma(conv.x[in.offset(n, c, h, v)], *w, sum);
          }
        const std::int64_t at = ((n * conv.out_channels + m) * window.out[1] + row) * window.out[2] + column;
        if (conv.addend != nullptr) sum += conv.addend[at];
        activate(conv.activation, &sum, conv.y + at, 1);
      }
}

}  // namespace reference

namespace {

/// Rows that go through all steps together, so that what they wrote is still near. A multiple of what any tile takes.
constexpr std::int64_t kChunkRows = 24;

void check(const PixelConv& conv) {
  const Window& window = conv.window;
  const Planes& in = conv.x_planes;
  const Halo padding = padding_halo(window);
  PLEAT_CHECK(in.lanes == 1 && in.channels > 0 && window.kernel[0] == 1 && window.stride[2] == 1);
  PLEAT_CHECK(in.height == window.in[1] && in.width == window.in[2]);
  PLEAT_CHECK(in.halo.top >= padding.top && in.halo.left >= padding.left);
  PLEAT_CHECK(in.halo.bottom >= padding.bottom && in.halo.right >= padding.right);
}

}  // namespace

void pack_pixel_conv(const PixelConv& conv, const float* w, const float* bias, float* packed) {
  const std::int64_t channels = conv.x_planes.channels, taps = conv.window.taps();
  for (std::int64_t m = 0; m < conv.out_channels; ++m) *packed++ = bias != nullptr ? bias[m] : 0;
  for (std::int64_t block = 0; block < channels; block += kChannelBlock)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t c = block; c < std::min(channels, block + kChannelBlock); ++c)
        for (std::int64_t m = 0; m < conv.out_channels; ++m) *packed++ = w[(m * channels + c) * taps + tap];
}

void pixel_conv(const PixelConv& conv, ThreadPool& pool) {
  check(conv);
  const auto run = PLEAT_CHOOSE(pixel_conv_rows);
  const std::int64_t height = conv.window.out[1];
  const std::int64_t row_macs = conv.window.out[2] * conv.out_channels * conv.depth();
  pool.parallel_for(conv.x_planes.batch * height, kFewMultiplyAdds / 2 / (row_macs + 1) + 1,
                    [&](std::int64_t begin, std::int64_t end) {
                      while (begin < end) {
                        const std::int64_t n = begin / height, row = begin % height;
                        const std::int64_t stop = std::min({row + kChunkRows, height, row + end - begin});
                        run(conv, n, {row, stop});
                        begin += stop - row;
                      }
                    });
}

}  // namespace pleat
#endif
