#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/pool.cc"
#include "runtime/kernels/blocked/pool.h"

#include <algorithm>
#include <limits>

#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/blocked/pool_span.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/lane_sum.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/block_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// Adding -0 changes no value, so a sum that starts from it is the sum that starts from the first element.
template <int kOutputs>
HWY_INLINE void average_tile(const PoolSpan& span, const float* x, float* y) {
  const D d;
  V sum[kOutputs];
#pragma GCC unroll 8
  for (int o = 0; o < kOutputs; ++o) sum[o] = hn::Set(d, -0.0F);
  for (std::int64_t r = 0; r < span.rows; ++r)
    for (std::int64_t c = 0; c < span.columns; ++c) {
      const float* tap = x + r * span.row_step + c * span.column_step;
#pragma GCC unroll 8
      for (int o = 0; o < kOutputs; ++o) sum[o] = hn::Add(sum[o], hn::Load(d, tap + o * span.output_step));
    }
#pragma GCC unroll 8
  for (int o = 0; o < kOutputs; ++o) hn::Store(hn::Div(sum[o], hn::Set(d, span.divisor)), d, y + o * kChannelBlock);
}

/// x86's maximum keeps its second operand where the two are equal or one is NaN; NaN shows in the sum of the taps, and
/// such a tile is done again by the definition.
template <int kOutputs>
HWY_INLINE void largest_tile(const PoolSpan& span, const float* x, float* y) {
  const D d;
  V largest[kOutputs], sum[kOutputs];
#pragma GCC unroll 8
  for (int o = 0; o < kOutputs; ++o) {
    largest[o] = hn::Set(d, -std::numeric_limits<float>::infinity());
    sum[o] = hn::Zero(d);
  }
  for (std::int64_t r = 0; r < span.rows; ++r)
    for (std::int64_t c = 0; c < span.columns; ++c) {
      const float* tap = x + r * span.row_step + c * span.column_step;
#pragma GCC unroll 8
      for (int o = 0; o < kOutputs; ++o) {
        const V value = hn::Load(d, tap + o * span.output_step);
        largest[o] = hn::Max(value, largest[o]);
        sum[o] = hn::Add(sum[o], value);
      }
    }
  V total = sum[0];
#pragma GCC unroll 8
  for (int o = 0; o < kOutputs; ++o) {
    hn::Store(largest[o], d, y + o * kChannelBlock);
    if (o > 0) total = hn::Add(total, sum[o]);
  }
  if (hn::AllTrue(d, hn::Eq(total, total))) return;
  for (int o = 0; o < kOutputs; ++o)
    for (std::int64_t l = 0; l < kLanes; ++l)
      y[o * kChannelBlock + l] = reference::largest_tap(span, x + o * span.output_step + l);
}

void average_of_span(const PoolSpan& span) {
  constexpr int kOutputs = 4;
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += kLanes) {
    const float* x = span.x + lane;
    float* y = span.y + lane;
    std::int64_t o = 0;
    for (; o + kOutputs <= span.outputs; o += kOutputs)
      average_tile<kOutputs>(span, x + o * span.output_step, y + o * kChannelBlock);
    for (; o < span.outputs; ++o) average_tile<1>(span, x + o * span.output_step, y + o * kChannelBlock);
  }
}

void largest_of_span(const PoolSpan& span) {
  constexpr int kOutputs = 4;
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += kLanes) {
    const float* x = span.x + lane;
    float* y = span.y + lane;
    std::int64_t o = 0;
    for (; o + kOutputs <= span.outputs; o += kOutputs)
      largest_tile<kOutputs>(span, x + o * span.output_step, y + o * kChannelBlock);
    for (; o < span.outputs; ++o) largest_tile<1>(span, x + o * span.output_step, y + o * kChannelBlock);
  }
}

/// The virtual lanes of LaneSum are vectors here, since channels lie in the lanes of a register.
void mean_of_block(const Planes& from, const float* x, float* y) {
  const D d;
  alignas(64) float sums[kSumLanes * kChannelBlock] = {};
  std::size_t next = 0;
  for (std::int64_t r = 0; r < from.height; ++r)
    for (std::int64_t c = 0; c < from.width; ++c, next = (next + 1) % kSumLanes) {
      const float* pixel = x + r * from.row() + c * kChannelBlock;
      float* sum = sums + next * kChannelBlock;
      for (std::int64_t l = 0; l < kChannelBlock; l += kLanes)
        hn::Store(hn::Add(hn::Load(d, sum + l), hn::Load(d, pixel + l)), d, sum + l);
    }
  const V size = hn::Set(d, static_cast<float>(from.height * from.width));
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

/// Window positions along one axis, those in explicit padding included, those beyond it not.
std::int64_t padded_taps(const Window& w, std::size_t axis, std::int64_t position) {
  const std::int64_t origin = position * w.stride[axis] - w.pad_begin[axis];
  const std::int64_t room = w.in[axis] + w.pad_end[axis] - origin;
  return std::min(w.kernel[axis], (room + w.dilation[axis] - 1) / w.dilation[axis]);
}

/// The output columns whose windows lie wholly between the left and the right padding.
Interval whole_columns(const Window& w) {
  const std::int64_t begin = std::min(w.out[kWidth], (w.pad_begin[kWidth] + w.stride[kWidth] - 1) / w.stride[kWidth]);
  const std::int64_t room = w.in[kWidth] + w.pad_begin[kWidth] - (w.kernel[kWidth] - 1) * w.dilation[kWidth];
  const std::int64_t end = room <= 0 ? 0 : (room - 1) / w.stride[kWidth] + 1;
  return {begin, std::clamp(end, begin, w.out[kWidth])};
}

/// Calls on_span(span) for every part of one output row; an output wholly in padding gets `on_padding`.
template <class OnSpan>
void visit_spans(const BlockedPooling& p, std::int64_t n, std::int64_t b, std::int64_t row, float on_padding,
                 const OnSpan& on_span) {
  const Window& w = p.window;
  const Interval rows = w.taps_inside(kHeight, row);
  const auto span_at = [&](std::int64_t column, std::int64_t outputs) {
    const Interval columns = w.taps_inside(kWidth, column);
    float* y = p.y + p.y_planes.offset(n, b, row, column);
    if (rows.size() <= 0 || columns.size() <= 0) {
      std::fill_n(y, kChannelBlock, on_padding);
      return;
    }
    const std::int64_t counted =
        p.count_padding ? padded_taps(w, kHeight, row) * padded_taps(w, kWidth, column) : rows.size() * columns.size();
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
  const Interval whole = whole_columns(w);
  for (std::int64_t c = 0; c < whole.begin; ++c) span_at(c, 1);
  if (rows.size() <= 0)
    for (std::int64_t c = whole.begin; c < whole.end; ++c) span_at(c, 1);
  else if (whole.size() > 0)
    span_at(whole.begin, whole.size());
  for (std::int64_t c = whole.end; c < w.out[kWidth]; ++c) span_at(c, 1);
}

template <class OnSpan>
void pool_rows(const BlockedPooling& p, float on_padding, ThreadPool& pool, const OnSpan& on_span) {
  const std::int64_t grain = rows_worth_a_thread(p.y_planes.row(), p.window.taps());
  parallel_rows(p.y_planes, grain, pool, [&](std::int64_t n, std::int64_t b, Interval rows) {
    clear_halo(p.y_planes, p.y, n, b, rows);
    for (std::int64_t row = rows.begin; row < rows.end; ++row) visit_spans(p, n, b, row, on_padding, on_span);
    if (b == p.y_planes.blocks() - 1) clear_spare_lanes(p.y_planes, p.y, n, rows);
  });
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

void max_pool(const BlockedPooling& p, ThreadPool& pool) {
  pool_rows(p, -std::numeric_limits<float>::infinity(), pool, PLEAT_CHOOSE(largest_of_span));
}

void average_pool(const BlockedPooling& p, ThreadPool& pool) { pool_rows(p, 0, pool, PLEAT_CHOOSE(average_of_span)); }

void global_average_pool(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  pool_blocks(from, x, to, y, pool, PLEAT_CHOOSE(mean_of_block));
}

void global_max_pool(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  pool_blocks(from, x, to, y, pool, PLEAT_CHOOSE(largest_of_block));
}

}  // namespace pleat
#endif
