#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/pool.cc"
#include "runtime/kernels/blocked/pool.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/blocked/pool_span.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/lane_sum.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/block_inl.h"
#include "runtime/kernels/blocked/tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// Adding -0 changes no value, so a sum that starts from it is the sum that starts from the first element.
struct Average {
  static HWY_INLINE V start() { return hn::Set(D(), -0.0F); }
  static HWY_INLINE V add(V sum, V value) { return hn::Add(sum, value); }
};

/// x86's maximum keeps its second operand where the two are equal or one is NaN. NaN is looked for apart.
struct Largest {
  static HWY_INLINE V start() { return hn::Set(D(), -std::numeric_limits<float>::infinity()); }
  static HWY_INLINE V add(V largest, V value) { return hn::Max(value, largest); }
};

/// The sum of all elements seen, which is NaN if one of them is. Four chains, so that none waits.
struct Watch {
  V sums[4];

  HWY_INLINE Watch() {
#pragma GCC unroll 4
    for (V& sum : sums) sum = hn::Zero(D());
  }
  HWY_INLINE void see(int i, V value) { sums[i % 4] = hn::Add(sums[i % 4], value); }
  HWY_INLINE bool saw_nan() const {
    return !hn::AllFalse(D(), hn::IsNaN(hn::Add(hn::Add(sums[0], sums[1]), hn::Add(sums[2], sums[3]))));
  }
};

/// kOutputs neighbours. With kColumns taps in a row known, each pixel is loaded once for all outputs whose windows hold
/// it; with 0 the numbers and steps are those of `span`. A window meets its pixels in row-major order either way.
template <class Fold, int kColumns, int kStride, int kOutputs>
HWY_INLINE void tile(const PoolSpan& span, const float* x, float* y) {
  constexpr bool kLargest = std::is_same_v<Fold, Largest>;
  const D d;
  V folded[kOutputs];
  Watch watch;
#pragma GCC unroll 8
  for (int o = 0; o < kOutputs; ++o) folded[o] = Fold::start();
  for (std::int64_t r = 0; r < span.rows; ++r) {
    const float* row = x + r * span.row_step;
    if constexpr (kColumns > 0) {
#pragma GCC unroll 32
      for (int j = 0; j < (kOutputs - 1) * kStride + kColumns; ++j) {
        const V value = hn::Load(d, row + j * kChannelBlock);
        if constexpr (kLargest) watch.see(j, value);
#pragma GCC unroll 8
        for (int c = 0; c < kColumns; ++c)
          if (j >= c && (j - c) % kStride == 0 && (j - c) / kStride < kOutputs)
            folded[(j - c) / kStride] = Fold::add(folded[(j - c) / kStride], value);
      }
    } else {
      for (std::int64_t c = 0; c < span.columns; ++c)
#pragma GCC unroll 8
        for (int o = 0; o < kOutputs; ++o) {
          const V value = hn::Load(d, row + c * span.column_step + o * span.output_step);
          if constexpr (kLargest) watch.see(o, value);
          folded[o] = Fold::add(folded[o], value);
        }
    }
  }
#pragma GCC unroll 8
  for (int o = 0; o < kOutputs; ++o)
    hn::Store(kLargest ? folded[o] : hn::Div(folded[o], hn::Set(d, span.divisor)), d, y + o * kChannelBlock);
  if (!kLargest || !watch.saw_nan()) return;
  for (int o = 0; o < kOutputs; ++o)
    for (std::int64_t l = 0; l < kLanes; ++l)
      y[o * kChannelBlock + l] = reference::largest_tap(span, x + o * span.output_step + l);
}

/// A span in tiles; the last one overlaps the one before where the span ends within it.
template <class Fold, int kColumns, int kStride, int kOutputs>
void tiles(const PoolSpan& span) {
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += kLanes)
    for (std::int64_t o = 0; o < span.outputs; o += kOutputs) {
      const std::int64_t at = std::min(o, span.outputs - kOutputs);
      tile<Fold, kColumns, kStride, kOutputs>(span, span.x + at * span.output_step + lane,
                                              span.y + at * kChannelBlock + lane);
    }
}

template <class Fold, int kColumns, int kStride>
void span_of(const PoolSpan& span) {
  constexpr int kTiles[] = {8, 7, 4, 1};
  switch (tile_outputs(kTiles, span.outputs)) {
    case 8: return tiles<Fold, kColumns, kStride, 8>(span);
    case 7: return tiles<Fold, kColumns, kStride, 7>(span);
    case 4: return tiles<Fold, kColumns, kStride, 4>(span);
    default: return tiles<Fold, kColumns, kStride, 1>(span);
  }
}

template <class Fold>
void fold_span(const PoolSpan& span) {
  const std::int64_t stride = span.output_step / kChannelBlock;
  if (span.column_step == kChannelBlock && span.outputs > 1) {
    if (span.columns == 3 && stride == 1) return span_of<Fold, 3, 1>(span);
    if (span.columns == 3 && stride == 2) return span_of<Fold, 3, 2>(span);
    if (span.columns == 2 && stride == 2) return span_of<Fold, 2, 2>(span);
  }
  span_of<Fold, 0, 0>(span);
}

void average_of_span(const PoolSpan& span) { fold_span<Average>(span); }

void largest_of_span(const PoolSpan& span) { fold_span<Largest>(span); }

/// The virtual lanes of LaneSum are vectors here, since channels lie in the lanes of a register.
void mean_of_block(const Planes& from, const float* x, float* y) {
  const D d;
  constexpr std::int64_t kSums = kSumLanes;
  alignas(64) float sums[kSumLanes * kChannelBlock] = {};
  const std::int64_t pixels = from.height * from.width;
  const std::int64_t whole = rows_join(from) ? pixels / kSums * kSums : 0;
  for (std::int64_t l = 0; l < kChannelBlock; l += kLanes) {
    V held[kSums];
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kSums; ++i) held[i] = hn::Zero(d);
    for (const float* pixel = x + l; pixel < x + whole * kChannelBlock; pixel += kSums * kChannelBlock)
#pragma GCC unroll 16
      for (std::int64_t i = 0; i < kSums; ++i) held[i] = hn::Add(held[i], hn::Load(d, pixel + i * kChannelBlock));
#pragma GCC unroll 16
    for (std::int64_t i = 0; i < kSums; ++i) hn::Store(held[i], d, sums + i * kChannelBlock + l);
  }
  std::int64_t lane = 0, column = whole % from.width;
  for (std::int64_t row = whole / from.width; row < from.height; ++row, column = 0)
    for (; column < from.width; ++column, lane = (lane + 1) % kSums) {
      const float* pixel = x + row * from.row() + column * kChannelBlock;
      float* sum = sums + lane * kChannelBlock;
      for (std::int64_t l = 0; l < kChannelBlock; l += kLanes)
        hn::Store(hn::Add(hn::Load(d, sum + l), hn::Load(d, pixel + l)), d, sum + l);
    }
  const V size = hn::Set(d, static_cast<float>(pixels));
  for (std::int64_t l = 0; l < kChannelBlock; l += kLanes) {
    V lanes[kSumLanes];
    for (std::size_t i = 0; i < kSumLanes; ++i)
      lanes[i] = hn::Load(d, sums + static_cast<std::int64_t>(i) * kChannelBlock + l);
    for (std::size_t half = kSumLanes / 2; half > 0; half /= 2)
      for (std::size_t i = 0; i < half; ++i) lanes[i] = hn::Add(lanes[i], lanes[i + half]);
    hn::Store(hn::Div(lanes[0], size), d, y + l);
  }
}

void largest_of_block(const Planes& from, const float* x, float* y) {
  const D d;
  for (std::int64_t l = 0; l < kChannelBlock; l += kLanes) {
    V largest = hn::Set(d, -std::numeric_limits<float>::infinity());
    for (std::int64_t r = 0; r < from.height; ++r)
      for (std::int64_t c = 0; c < from.width; ++c) {
        const V value = hn::Load(d, x + r * from.row() + c * kChannelBlock + l);
        largest = hn::IfThenElse(hn::Or(hn::Gt(value, largest), hn::IsNaN(value)), value, largest);
      }
    hn::Store(largest, d, y + l);
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

void mean_of_block(const Planes& from, const float* x, float* y) {
  for (std::int64_t l = 0; l < kChannelBlock; ++l) {
    LaneSum<float> sum;
    for (std::int64_t r = 0; r < from.height; ++r)
      for (std::int64_t c = 0; c < from.width; ++c) sum.add(x[r * from.row() + c * kChannelBlock + l]);
    y[l] = sum.total() / static_cast<float>(from.height * from.width);
  }
}

void largest_of_block(const Planes& from, const float* x, float* y) {
  for (std::int64_t l = 0; l < kChannelBlock; ++l) {
    float largest = -std::numeric_limits<float>::infinity();
    for (std::int64_t r = 0; r < from.height; ++r)
      for (std::int64_t c = 0; c < from.width; ++c) {
        const float value = x[r * from.row() + c * kChannelBlock + l];
        if (value > largest || std::isnan(value)) largest = value;
      }
    y[l] = largest;
  }
}

}  // namespace reference

namespace {

constexpr int kHeight = 1, kWidth = 2;  // axes of the window

/// Window::taps_inside, without its divisions where no tap is outside.
Interval taps_inside(const Window& w, int axis, std::int64_t position) {
  const auto a = static_cast<std::size_t>(axis);
  const std::int64_t first = w.source(axis, position, 0), last = w.source(axis, position, w.kernel[a] - 1);
  return first >= 0 && last < w.in[a] ? Interval{0, w.kernel[a]} : w.taps_inside(axis, position);
}

/// Calls on_span(span) for every part of one output row; an output wholly in padding gets `on_padding`.
template <class OnSpan>
void visit_spans(const BlockedPooling& p, std::int64_t n, std::int64_t b, std::int64_t row, float on_padding,
                 const OnSpan& on_span) {
  const Window& w = p.window;
  const Interval rows = taps_inside(w, kHeight, row);
  const auto span_at = [&](std::int64_t column, std::int64_t outputs) {
    const Interval columns = taps_inside(w, kWidth, column);
    float* y = p.y + p.y_planes.offset(n, b, row, column);
    if (rows.size() <= 0 || columns.size() <= 0) {
      std::fill_n(y, kChannelBlock, on_padding);
      return;
    }
    const std::int64_t counted =
        p.count_padding ? w.padded_taps(kHeight, row) * w.padded_taps(kWidth, column) : rows.size() * columns.size();
    on_span({.x = p.x +
                  p.x_planes.offset(n, b, w.source(kHeight, row, rows.begin), w.source(kWidth, column, columns.begin)),
             .y = y,
             .outputs = outputs,
             .output_step = w.stride[kWidth] * kChannelBlock,
             .rows = rows.size(),
             .row_step = w.dilation[kHeight] * p.x_planes.row(),
             .columns = columns.size(),
             .column_step = w.dilation[kWidth] * kChannelBlock,
             .divisor = static_cast<float>(counted)});
  };
  const Interval whole = w.whole_outputs(kWidth);
  for (std::int64_t c = 0; c < whole.begin; ++c) span_at(c, 1);
  if (rows.size() <= 0)
    for (std::int64_t c = whole.begin; c < whole.end; ++c) span_at(c, 1);
  else if (whole.size() > 0)
    span_at(whole.begin, whole.size());
  for (std::int64_t c = whole.end; c < w.out[kWidth]; ++c) span_at(c, 1);
}

template <class OnSpan>
void pool_rows(const BlockedPooling& p, std::int64_t n, std::int64_t b, Interval rows, float on_padding,
               const OnSpan& on_span) {
  clear_halo(p.y_planes, p.y, n, b, rows);
  for (std::int64_t row = rows.begin; row < rows.end; ++row) visit_spans(p, n, b, row, on_padding, on_span);
  if (b == p.y_planes.blocks() - 1) clear_spare_lanes(p.y_planes, p.y, n, rows);
}

void average_pool_rows(const BlockedPooling& p, std::int64_t n, std::int64_t b, Interval rows) {
  pool_rows(p, n, b, rows, 0, PLEAT_CHOOSE(average_of_span));
}

template <class Rows>
void pool_planes(const BlockedPooling& p, ThreadPool& pool, const Rows& make) {
  const std::int64_t grain = rows_worth_a_thread(p.y_planes.row(), p.window.taps());
  parallel_rows(p.y_planes, grain, pool, [&](std::int64_t n, std::int64_t b, Interval rows) { make(p, n, b, rows); });
}

template <class OnBlock>
void pool_blocks(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool,
                 const OnBlock& on_block) {
  parallel_rows(to, rows_worth_a_thread(from.block()), pool, [&](std::int64_t n, std::int64_t b, Interval row) {
    clear_halo(to, y, n, b, row);
    on_block(from, x + from.offset(n, b, 0, 0), y + to.offset(n, b, 0, 0));
    if (b == to.blocks() - 1) clear_spare_lanes(to, y, n, row);
  });
}

}  // namespace

void max_pool_rows(const BlockedPooling& p, std::int64_t n, std::int64_t b, Interval rows) {
  pool_rows(p, n, b, rows, -std::numeric_limits<float>::infinity(), PLEAT_CHOOSE(largest_of_span));
}

void max_pool(const BlockedPooling& p, ThreadPool& pool) { pool_planes(p, pool, max_pool_rows); }

void average_pool(const BlockedPooling& p, ThreadPool& pool) { pool_planes(p, pool, average_pool_rows); }

void global_average_pool(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  pool_blocks(from, x, to, y, pool, PLEAT_CHOOSE(mean_of_block));
}

void global_max_pool(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  pool_blocks(from, x, to, y, pool, PLEAT_CHOOSE(largest_of_block));
}

}  // namespace pleat
#endif
