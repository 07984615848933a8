#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/depthwise.cc"
#include "runtime/kernels/blocked/depthwise.h"

#include <algorithm>

#include "runtime/kernels/blocked/depthwise_row.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/block_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// Adds, bounds and stores the sums of kOutputs pixels but for the first `skip`, which were stored before.
template <int kOutputs>
HWY_INLINE void store(const V (&sum)[kOutputs], const DepthwiseRow& r, std::int64_t at, std::int64_t skip) {
  const D d;
  const BoundVectors bounded(r.bounds);
  float* y = r.y + at;
  if (r.addend != nullptr) {
    const float* addend = r.addend + at;
#pragma GCC unroll 16
    for (int t = 0; t < kOutputs; ++t)
      if (t >= skip)
        hn::Store(bounded(hn::Add(sum[t], hn::Load(d, addend + t * kChannelBlock))), d, y + t * kChannelBlock);
    return;
  }
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t)
    if (t >= skip) hn::Store(bounded(sum[t]), d, y + t * kChannelBlock);
}

/// Each pixel of x is loaded once for all the taps of a kernel row that meet it. They meet an output from left to
/// right.
template <int kColumns, int kStride, int kOutputs>
HWY_INLINE void sliding_tile(const DepthwiseRow& r, std::int64_t lane, std::int64_t output, std::int64_t skip) {
  const D d;
  const float* x = r.x + output * kStride * kChannelBlock + lane;
  const float* w = r.w + lane;
  V sum[kOutputs];
  const V bias = hn::Load(d, r.bias + lane);
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
  store(sum, r, output * kChannelBlock + lane, skip);
}

/// A tile of any kernel, stride and dilation.
template <int kOutputs>
HWY_INLINE void general_tile(const DepthwiseRow& r, std::int64_t lane, std::int64_t output, std::int64_t skip) {
  const D d;
  const float* x = r.x + output * r.stride * kChannelBlock + lane;
  const float* w = r.w + lane;
  V sum[kOutputs];
  const V bias = hn::Load(d, r.bias + lane);
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
  store(sum, r, output * kChannelBlock + lane, skip);
}

template <int kColumns, int kStride, int kOutputs>
HWY_INLINE void tile(const DepthwiseRow& r, std::int64_t lane, std::int64_t output, std::int64_t skip) {
  if constexpr (kColumns == 0)
    general_tile<kOutputs>(r, lane, output, skip);
  else
    sliding_tile<kColumns, kStride, kOutputs>(r, lane, output, skip);
}

/// A row in tiles of kOutputs; the last tile lies further left where the row ends within it.
template <int kColumns, int kStride, int kOutputs>
void row_of_tiles(const DepthwiseRow& r) {
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += kLanes)
    for (std::int64_t o = 0; o < r.outputs; o += kOutputs) {
      const std::int64_t at = std::min(o, r.outputs - kOutputs);
      tile<kColumns, kStride, kOutputs>(r, lane, at, o - at);
    }
}

#if HWY_TARGET == HWY_AVX3
constexpr int kTiles[] = {14, 8, 7, 4, 1};
#else
constexpr int kTiles[] = {8, 7, 4, 1};
#endif

/// The width of tiles with the least work for a row; sums of fewer than 7 wait for one another.
int tile_outputs(std::int64_t outputs) {
  int best = 1;
  std::int64_t least = outputs * 7;
  for (int t : kTiles) {
    const std::int64_t work = (outputs + t - 1) / t * std::max(t, 7);
    if (t <= outputs && work < least) {
      best = t;
      least = work;
    }
  }
  return best;
}

template <int kColumns, int kStride>
void row_of(const DepthwiseRow& r) {
  switch (tile_outputs(r.outputs)) {
#if HWY_TARGET == HWY_AVX3
    case 14: return row_of_tiles<kColumns, kStride, 14>(r);
#endif
    case 8: return row_of_tiles<kColumns, kStride, 8>(r);
    case 7: return row_of_tiles<kColumns, kStride, 7>(r);
    case 4: return row_of_tiles<kColumns, kStride, 4>(r);
    default: return row_of_tiles<kColumns, kStride, 1>(r);
  }
}

void depthwise_row(const DepthwiseRow& r) {
  if (r.dilation == 1 && r.stride == 1) {
    if (r.columns == 3) return row_of<3, 1>(r);
    if (r.columns == 5) return row_of<5, 1>(r);
    if (r.columns == 7) return row_of<7, 1>(r);
  }
  if (r.dilation == 1 && r.stride == 2) {
    if (r.columns == 3) return row_of<3, 2>(r);
    if (r.columns == 5) return row_of<5, 2>(r);
    if (r.columns == 7) return row_of<7, 2>(r);
  }
  row_of<0, 0>(r);
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

void depthwise(const DepthwiseProblem& p, ThreadPool& pool) {
  const auto work = PLEAT_CHOOSE(depthwise_row);
  const Window& window = p.window;
  const Planes& y_planes = p.y_planes;
  const Activation& activation = p.epilogue.activation;
  const Bounds bounds = bounds_of(activation);
  const std::int64_t grain = rows_worth_a_thread(y_planes.row(), (window.taps() + 3) / 4);
  parallel_rows(y_planes, grain, pool, [&](std::int64_t n, std::int64_t b, Interval rows) {
    clear_halo(y_planes, p.y, n, b, rows);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) {
      float* y = p.y + y_planes.offset(n, b, row, 0);
      const Epilogue& end = p.epilogue;
      work({.x = p.x + p.x_planes.offset(n, b, window.source(kHeight, row, 0), window.source(kWidth, 0, 0)),
            .w = p.packed_w + b * window.taps() * kChannelBlock,
            .bias = p.bias != nullptr ? p.bias + b * kChannelBlock : kZeros,
            .addend = end.addend != nullptr ? end.addend + end.addend_planes.offset(n, b, row, 0) : nullptr,
            .y = y,
            .outputs = y_planes.width,
            .stride = window.stride[kWidth],
            .rows = window.kernel[kHeight],
            .row_step = window.dilation[kHeight] * p.x_planes.row(),
            .columns = window.kernel[kWidth],
            .dilation = window.dilation[kWidth],
            .bounds = bounds});
      if (!bounds.whole) activate(activation, y, y, y_planes.width * kChannelBlock);
    }
    if (!bounds.whole && b == y_planes.blocks() - 1) clear_spare_lanes(y_planes, p.y, n, rows);
  });
}

}  // namespace pleat
#endif
