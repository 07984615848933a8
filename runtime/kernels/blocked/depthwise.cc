#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/depthwise.cc"
#include "runtime/kernels/blocked/depthwise.h"

#include <algorithm>

#include "runtime/kernels/blocked/depthwise_rows.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/block_inl.h"
#include "runtime/kernels/blocked/tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// Each pixel of x is loaded once for all the taps of a kernel row that meet it. They meet an output from left to
/// right.
template <int kColumns, int kStride, int kOutputs>
HWY_INLINE void sliding_tile(const DepthwiseRows& r, const TileAt& at) {
  const D d;
  const float* x = r.x + at.row * r.x_output_row + at.output * kStride * kChannelBlock + at.lane;
  const float* w = r.w + at.lane;
  V sum[kOutputs];
  const V bias = hn::Load(d, r.bias + at.lane);
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t) sum[t] = bias;
  for (std::int64_t row = 0; row < r.rows; ++row) {
    V taps[kColumns];
#pragma GCC unroll 16
    for (int c = 0; c < kColumns; ++c) taps[c] = hn::Load(d, w + c * kChannelBlock);
#pragma GCC unroll 64
    for (int j = 0; j < (kOutputs - 1) * kStride + kColumns; ++j) {
      const V pixel = hn::Load(d, x + j * kChannelBlock);
#pragma GCC unroll 16
      for (int c = 0; c < kColumns; ++c)
        if (j >= c && (j - c) % kStride == 0 && (j - c) / kStride < kOutputs)
          sum[(j - c) / kStride] = hn::MulAdd(pixel, taps[c], sum[(j - c) / kStride]);
    }
    x += r.row_step;
    w += kColumns * kChannelBlock;
  }
  finish(sum, r, at);
}

/// A tile of any kernel, stride and dilation.
template <int kOutputs>
HWY_INLINE void general_tile(const DepthwiseRows& r, const TileAt& at) {
  const D d;
  const float* x = r.x + at.row * r.x_output_row + at.output * r.stride * kChannelBlock + at.lane;
  const float* w = r.w + at.lane;
  V sum[kOutputs];
  const V bias = hn::Load(d, r.bias + at.lane);
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t) sum[t] = bias;
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t c = 0; c < r.columns; ++c, w += kChannelBlock) {
      const float* tap = x + row * r.row_step + c * r.dilation * kChannelBlock;
      const V weight = hn::Load(d, w);
#pragma GCC unroll 16
      for (int t = 0; t < kOutputs; ++t)
        sum[t] = hn::MulAdd(hn::Load(d, tap + t * r.stride * kChannelBlock), weight, sum[t]);
    }
  finish(sum, r, at);
}

template <int kColumns, int kStride, int kOutputs>
HWY_INLINE void tile(const DepthwiseRows& r, const TileAt& at) {
  if constexpr (kColumns == 0)
    general_tile<kOutputs>(r, at);
  else
    sliding_tile<kColumns, kStride, kOutputs>(r, at);
}

/// Rows in tiles of kOutputs; the last tile lies further left where the row ends within it.
template <int kColumns, int kStride, int kOutputs>
void rows_of_tiles(const DepthwiseRows& r) {
  for (std::int64_t row = 0; row < r.output_rows; ++row)
    for (std::int64_t lane = 0; lane < kChannelBlock; lane += kLanes)
      for (std::int64_t o = 0; o < r.outputs; o += kOutputs) {
        const std::int64_t first = std::min(o, r.outputs - kOutputs);
        tile<kColumns, kStride, kOutputs>(r, {row, first, lane, o - first});
      }
}

#if HWY_TARGET == HWY_AVX3
constexpr int kTiles[] = {14, 8, 7, 4, 1};
#else
constexpr int kTiles[] = {8, 7, 4, 1};
#endif

template <int kColumns, int kStride>
void rows_of(const DepthwiseRows& r) {
  switch (tile_outputs(kTiles, r.outputs)) {
#if HWY_TARGET == HWY_AVX3
    case 14: return rows_of_tiles<kColumns, kStride, 14>(r);
#endif
    case 8: return rows_of_tiles<kColumns, kStride, 8>(r);
    case 7: return rows_of_tiles<kColumns, kStride, 7>(r);
    case 4: return rows_of_tiles<kColumns, kStride, 4>(r);
    default: return rows_of_tiles<kColumns, kStride, 1>(r);
  }
}

void depthwise_rows(const DepthwiseRows& r) {
  if (r.dilation == 1 && r.stride == 1) {
    if (r.columns == 3) return rows_of<3, 1>(r);
    if (r.columns == 5) return rows_of<5, 1>(r);
    if (r.columns == 7) return rows_of<7, 1>(r);
  }
  if (r.dilation == 1 && r.stride == 2) {
    if (r.columns == 3) return rows_of<3, 2>(r);
    if (r.columns == 5) return rows_of<5, 2>(r);
    if (r.columns == 7) return rows_of<7, 2>(r);
  }
  rows_of<0, 0>(r);
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace {

constexpr int kHeight = 1, kWidth = 2;  // axes of the window

alignas(64) constexpr float kZeros[kChannelBlock] = {};

}  // namespace

std::size_t packed_depthwise_elements(const Window& window, std::int64_t channels) {
  return static_cast<std::size_t>((channels + kChannelBlock - 1) / kChannelBlock * kChannelBlock * window.taps());
}

void pack_depthwise(const Window& window, std::int64_t channels, const float* w, float* packed) {
  for (std::int64_t first = 0; first < channels; first += kChannelBlock)
    for (std::int64_t tap = 0; tap < window.taps(); ++tap)
      for (std::int64_t c = first; c < first + kChannelBlock; ++c)
        *packed++ = c < channels ? w[c * window.taps() + tap] : 0;
}

void depthwise_rows(const DepthwiseProblem& p, std::int64_t n, std::int64_t b, Interval rows) {
  const Window& window = p.window;
  const Planes& y_planes = p.y_planes;
  const Epilogue& end = p.epilogue;
  const Bounds bounds = bounds_of(end.activation);
  clear_halo(y_planes, p.y, n, b, rows);
  const std::int64_t most = bounds.whole ? rows.size() : std::max<std::int64_t>(1, kHotPixels / y_planes.width);
  for (std::int64_t row = rows.begin; row < rows.end; row += most) {
    const std::int64_t count = std::min(most, rows.end - row);
    float* y = p.y + y_planes.offset(n, b, row, 0);
    PLEAT_CHOOSE(depthwise_rows)
    ({.x = p.x + p.x_planes.offset(n, b, window.source(kHeight, row, 0), window.source(kWidth, 0, 0)),
      .w = p.packed_w + b * window.taps() * kChannelBlock,
      .bias = p.bias != nullptr ? p.bias + b * kChannelBlock : kZeros,
      .addend = end.addend != nullptr ? end.addend + end.addend_planes.offset(n, b, row, 0) : nullptr,
      .y = y,
      .output_rows = count,
      .x_output_row = window.stride[kHeight] * p.x_planes.row(),
      .addend_row = end.addend_planes.row(),
      .y_row = y_planes.row(),
      .outputs = y_planes.width,
      .stride = window.stride[kWidth],
      .rows = window.kernel[kHeight],
      .row_step = window.dilation[kHeight] * p.x_planes.row(),
      .columns = window.kernel[kWidth],
      .dilation = window.dilation[kWidth],
      .bounds = bounds});
    if (!bounds.whole) activate_rows(end.activation, y, count, y_planes.width * kChannelBlock, y_planes.row());
  }
  if (!bounds.whole && b == y_planes.blocks() - 1) clear_spare_lanes(y_planes, p.y, n, rows);
}

void depthwise(const DepthwiseProblem& p, ThreadPool& pool) {
  const std::int64_t grain = rows_worth_a_thread(p.y_planes.row(), (p.window.taps() + 3) / 4);
  parallel_rows(p.y_planes, grain, pool,
                [&](std::int64_t n, std::int64_t b, Interval rows) { depthwise_rows(p, n, b, rows); });
}

}  // namespace pleat
#endif
