#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/grouped.cc"
#include "runtime/kernels/blocked/grouped.h"

#include <algorithm>

#include "runtime/kernels/blocked/grouped_rows.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/block_inl.h"
#include "runtime/kernels/blocked/tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

using DI = hn::RebindToSigned<D>;

/// Where the lanes of one vector of y find the channels of a block of their groups.
struct Sources {
  enum class Kind {
    kOne,      ///< in one vector of the pixel
    kTwo,      ///< in one or two
    kGathered  ///< anywhere in the image
  };

  /// Channels of the group that lie in the same vectors.
  struct Run {
    std::int64_t begin, end;
    std::int64_t first, second;  ///< offsets of the vectors in x
  };

  Kind kind = Kind::kOne;
  std::int64_t runs = 0;
  Run run[kChannelBlock];
  alignas(64) std::int32_t index[kChannelBlock][kLanes];  ///< in the two vectors; where gathered, in x

  /// For `count` channels of each group from `first_channel` on.
  Sources(const GroupedRows& r, std::int64_t lane, std::int64_t first_channel, std::int64_t count) {
    for (std::int64_t k = 0; k < count; ++k) locate(r, lane, first_channel + k, k);
    if (kind != Kind::kGathered) return;
    for (std::int64_t k = 0; k < count; ++k)
      for (std::int64_t l = 0; l < kLanes; ++l)
        index[k][l] = static_cast<std::int32_t>(offset(r, r.first_input[lane + l] + first_channel + k));
  }

 private:
  static std::int64_t offset(const GroupedRows& r, std::int64_t channel) {
    return channel / kChannelBlock * r.x_block + channel % kChannelBlock;
  }

  /// The channels of later lanes never lie before those of earlier ones.
  void locate(const GroupedRows& r, std::int64_t lane, std::int64_t channel, std::int64_t k) {
    const DI di;
    const std::int64_t first = (r.first_input[lane] + channel) / kLanes;
    const std::int64_t last = (r.first_input[lane + kLanes - 1] + channel) / kLanes;
    const auto set = [&](std::int64_t value) HWY_ATTR { return hn::Set(di, static_cast<std::int32_t>(value)); };
    const auto beyond = hn::Sub(hn::Add(hn::LoadU(di, r.first_input + lane), set(channel)), set(first * kLanes));
    const auto in_vector = hn::And(beyond, set(kLanes - 1)), steps = hn::Sub(beyond, in_vector);
    const auto in_first = hn::Eq(steps, hn::Zero(di)), in_last = hn::Eq(steps, set((last - first) * kLanes));
    if (!hn::AllTrue(di, hn::Or(in_first, in_last))) kind = Kind::kGathered;
    hn::Store(hn::Add(in_vector, hn::IfThenZeroElse(in_first, set(kLanes))), di, index[k]);
    if (first != last && kind == Kind::kOne) kind = Kind::kTwo;
    const std::int64_t a = offset(r, first * kLanes), b = offset(r, last * kLanes);
    if (runs > 0 && run[runs - 1].first == a && run[runs - 1].second == b)
      ++run[runs - 1].end;
    else
      run[runs++] = {k, k + 1, a, b};
  }
};

/// The values of `run` at one tap, for a tile of outputs `step` elements apart.
template <Sources::Kind kKind, int kOutputs>
HWY_INLINE void add_run(V (&sum)[kOutputs], const Sources& sources, const Sources::Run& run, const float* x,
                        std::int64_t step, const float* w) {
  const D d;
  const DI di;
  V first[kOutputs], second[kOutputs];
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t) {
    first[t] = hn::LoadU(d, x + run.first + t * step);
    if constexpr (kKind == Sources::Kind::kTwo) second[t] = hn::LoadU(d, x + run.second + t * step);
  }
  for (std::int64_t k = run.begin; k < run.end; ++k) {
    const V weight = hn::Load(d, w + k * kChannelBlock);
    const auto index = hn::Load(di, sources.index[k]);
    const auto in_vector = hn::IndicesFromVec(d, hn::And(index, hn::Set(di, kLanes - 1)));
    const auto in_second = hn::RebindMask(d, hn::Gt(index, hn::Set(di, kLanes - 1)));
#pragma GCC unroll 16
    for (int t = 0; t < kOutputs; ++t) {
      V value = hn::TableLookupLanes(first[t], in_vector);
      if constexpr (kKind == Sources::Kind::kTwo)
        value = hn::IfThenElse(in_second, hn::TableLookupLanes(second[t], in_vector), value);
      sum[t] = hn::MulAdd(value, weight, sum[t]);
    }
  }
}

template <int kOutputs>
HWY_INLINE void add_gathered(V (&sum)[kOutputs], const Sources& sources, std::int64_t count, const float* x,
                             std::int64_t step, const float* w) {
  const D d;
  for (std::int64_t k = 0; k < count; ++k) {
    const V weight = hn::Load(d, w + k * kChannelBlock);
    const auto index = hn::Load(DI(), sources.index[k]);
#pragma GCC unroll 16
    for (int t = 0; t < kOutputs; ++t) sum[t] = hn::MulAdd(hn::GatherIndex(d, x + t * step, index), weight, sum[t]);
  }
}

/// Adds the taps of `count` channels of each group to the sums of a tile, which lie in `sums`.
template <Sources::Kind kKind, int kOutputs>
void add_taps(const GroupedRows& r, const Sources& sources, std::int64_t count, const float* x, const float* w,
              float* sums) {
  const D d;
  const std::int64_t step = r.stride * kChannelBlock;
  V sum[kOutputs];
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t) sum[t] = hn::Load(d, sums + t * kLanes);
  for (std::int64_t row = 0; row < r.rows; ++row)
    for (std::int64_t c = 0; c < r.columns; ++c, w += count * kChannelBlock) {
      const float* tap = x + row * r.row_step + c * r.dilation * kChannelBlock;
      if constexpr (kKind == Sources::Kind::kGathered)
        add_gathered(sum, sources, count, tap, step, w);
      else
        for (std::int64_t i = 0; i < sources.runs; ++i) add_run<kKind>(sum, sources, sources.run[i], tap, step, w);
    }
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t) hn::Store(sum[t], d, sums + t * kLanes);
}

/// A tile of groups of kInputs channels that lie in one vector of the pixel. It is loaded once for all the taps of a
/// kernel row that meet it, and each channel of it spread to its group once; they meet an output in the order of its
/// sum.
template <int kInputs, int kColumns, int kStride, int kOutputs>
HWY_INLINE void sliding_tile(const GroupedRows& r, const Sources& sources, const TileAt& at) {
  const D d;
  const float* x = r.x + sources.run[0].first + at.row * r.x_output_row + at.output * kStride * kChannelBlock;
  const float* w = r.w + at.lane;
  hn::Vec<DI> index[kInputs];
#pragma GCC unroll 16
  for (int k = 0; k < kInputs; ++k) index[k] = hn::Load(DI(), sources.index[k]);
  V sum[kOutputs];
  const V bias = hn::Load(d, r.bias + at.lane);
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t) sum[t] = bias;
  for (std::int64_t row = 0; row < r.rows; ++row) {
#pragma GCC unroll 64
    for (int j = 0; j < (kOutputs - 1) * kStride + kColumns; ++j) {
      const V pixel = hn::LoadU(d, x + j * kChannelBlock);
#if HWY_TARGET != HWY_AVX3
      asm("" : "+r"(w));  // weights come from memory each time: sixteen registers cannot hold them
#endif
#pragma GCC unroll 16
      for (int k = 0; k < kInputs; ++k) {
        const V value = hn::TableLookupLanes(pixel, hn::IndicesFromVec(d, index[k]));
#pragma GCC unroll 16
        for (int c = 0; c < kColumns; ++c)
          if (j >= c && (j - c) % kStride == 0 && (j - c) / kStride < kOutputs) {
            V& chain = sum[(j - c) / kStride];
            chain = hn::MulAdd(value, hn::Load(d, w + (c * kInputs + k) * kChannelBlock), chain);
          }
      }
    }
    x += r.row_step;
    w += kColumns * kInputs * kChannelBlock;
  }
  finish(sum, r, at);
}

/// Whether a sliding tile of `inputs` channels of a group serves.
HWY_INLINE bool slides(const GroupedRows& r, const Sources& sources, std::int64_t inputs, std::int64_t stride) {
  return r.inputs == inputs && r.stride == stride && r.columns == 3 && r.dilation == 1 &&
         sources.kind == Sources::Kind::kOne && sources.runs == 1;
}

template <int kOutputs>
void grouped_tile(const GroupedRows& r, const Sources& sources, const TileAt& at) {
  const D d;
  using Kind = Sources::Kind;
  V sum[kOutputs];
  alignas(64) float sums[kOutputs * kLanes];
  for (int t = 0; t < kOutputs; ++t) hn::Store(hn::Load(d, r.bias + at.lane), d, sums + t * kLanes);
  const float* x = r.x + at.row * r.x_output_row + at.output * r.stride * kChannelBlock;
  const float* w = r.w + at.lane;
  for (std::int64_t first = 0; first < r.inputs; first += kChannelBlock) {
    const std::int64_t count = std::min(kChannelBlock, r.inputs - first);
    const auto add = [&](const Sources& from) {
      switch (from.kind) {
        case Kind::kOne: return add_taps<Kind::kOne, kOutputs>(r, from, count, x, w, sums);
        case Kind::kTwo: return add_taps<Kind::kTwo, kOutputs>(r, from, count, x, w, sums);
        case Kind::kGathered: return add_taps<Kind::kGathered, kOutputs>(r, from, count, x, w, sums);
      }
    };
    if (first == 0)
      add(sources);
    else
      add(Sources(r, at.lane, first, count));
    w += count * r.rows * r.columns * kChannelBlock;
  }
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t) sum[t] = hn::Load(d, sums + t * kLanes);
  finish(sum, r, at);
}

template <int kOutputs>
void tile(const GroupedRows& r, const Sources& sources, const TileAt& at) {
  if constexpr (kOutputs >= 7) {
    if (slides(r, sources, 4, 1)) return sliding_tile<4, 3, 1, kOutputs>(r, sources, at);
    if (slides(r, sources, 4, 2)) return sliding_tile<4, 3, 2, kOutputs>(r, sources, at);
    if (slides(r, sources, 8, 1)) return sliding_tile<8, 3, 1, kOutputs>(r, sources, at);
    if (slides(r, sources, 8, 2)) return sliding_tile<8, 3, 2, kOutputs>(r, sources, at);
  }
  grouped_tile<kOutputs>(r, sources, at);
}

template <int kOutputs>
void rows_of_tiles(const GroupedRows& r) {
  for (std::int64_t lane = 0; lane < kChannelBlock; lane += kLanes) {
    const Sources sources(r, lane, 0, std::min(kChannelBlock, r.inputs));
    for (std::int64_t row = 0; row < r.output_rows; ++row)
      for (std::int64_t o = 0; o < r.outputs; o += kOutputs) {
        const std::int64_t first = std::min(o, r.outputs - kOutputs);
        tile<kOutputs>(r, sources, {row, first, lane, o - first});
      }
  }
}

void grouped_rows(const GroupedRows& r) {
  constexpr int kTiles[] = {8, 7, 4, 1};
  switch (tile_outputs(kTiles, r.outputs)) {
    case 8: return rows_of_tiles<8>(r);
    case 7: return rows_of_tiles<7>(r);
    case 4: return rows_of_tiles<4>(r);
    default: return rows_of_tiles<1>(r);
  }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace {

constexpr int kHeight = 1, kWidth = 2;  // axes of the window

alignas(64) constexpr float kZeros[kChannelBlock] = {};

/// The group of an output channel, the last one for spare lanes.
std::int64_t group_of(const GroupedProblem& p, std::int64_t output) {
  return std::min(output, p.y_planes.channels - 1) / p.group_outputs();
}

GroupedRows rows_of_block(const GroupedProblem& p, std::int64_t n, std::int64_t b) {
  const Window& window = p.window;
  GroupedRows r = {};
  r.x = p.x + p.x_planes.offset(n, 0, -window.pad_begin[kHeight], -window.pad_begin[kWidth]);
  r.x_block = p.x_planes.block();
  for (std::int64_t l = 0; l < kChannelBlock; ++l)
    r.first_input[l] = static_cast<std::int32_t>(group_of(p, b * kChannelBlock + l) * p.group_inputs());
  r.inputs = p.group_inputs();
  r.w = p.packed_w + b * p.depth() * kChannelBlock;
  r.bias = p.bias != nullptr ? p.bias + b * kChannelBlock : kZeros;
  r.x_output_row = window.stride[kHeight] * p.x_planes.row();
  r.addend_row = p.epilogue.addend_planes.row();
  r.y_row = p.y_planes.row();
  r.outputs = p.y_planes.width;
  r.stride = window.stride[kWidth];
  r.rows = window.kernel[kHeight];
  r.row_step = window.dilation[kHeight] * p.x_planes.row();
  r.columns = window.kernel[kWidth];
  r.dilation = window.dilation[kWidth];
  r.bounds = bounds_of(p.epilogue.activation);
  return r;
}

}  // namespace

std::size_t packed_grouped_elements(const GroupedProblem& p) {
  return static_cast<std::size_t>(p.y_planes.blocks() * kChannelBlock * p.depth());
}

void pack_grouped(const GroupedProblem& p, const float* w, float* packed) {
  const std::int64_t inputs = p.group_inputs(), taps = p.window.taps();
  for (std::int64_t b = 0; b < p.y_planes.blocks(); ++b)
    for (std::int64_t block = 0; block < inputs; block += kChannelBlock)
      for (std::int64_t tap = 0; tap < taps; ++tap)
        for (std::int64_t k = block; k < std::min(inputs, block + kChannelBlock); ++k)
          for (std::int64_t o = b * kChannelBlock; o < (b + 1) * kChannelBlock; ++o)
            *packed++ = o < p.y_planes.channels ? w[(o * inputs + k) * taps + tap] : 0;
}

void grouped(const GroupedProblem& p, ThreadPool& pool) {
  const auto work = PLEAT_CHOOSE(grouped_rows);
  const Planes& y_planes = p.y_planes;
  const Activation& activation = p.epilogue.activation;
  parallel_rows(y_planes, rows_worth_a_thread(y_planes.row(), p.depth()), pool,
                [&](std::int64_t n, std::int64_t b, Interval rows) {
                  clear_halo(y_planes, p.y, n, b, rows);
                  GroupedRows r = rows_of_block(p, n, b);
                  const std::int64_t most =
                      r.bounds.whole ? rows.size() : std::max<std::int64_t>(1, kHotPixels / y_planes.width);
                  const float* x = r.x;
                  for (std::int64_t row = rows.begin; row < rows.end; row += most) {
                    r.output_rows = std::min(most, rows.end - row);
                    r.x = x + row * r.x_output_row;
                    r.y = p.y + y_planes.offset(n, b, row, 0);
                    if (p.epilogue.addend != nullptr)
                      r.addend = p.epilogue.addend + p.epilogue.addend_planes.offset(n, b, row, 0);
                    work(r);
                    if (!r.bounds.whole)
                      activate_rows(activation, r.y, r.output_rows, r.outputs * kChannelBlock, r.y_row);
                  }
                  if (!r.bounds.whole && b == y_planes.blocks() - 1) clear_spare_lanes(y_planes, p.y, n, rows);
                });
}

}  // namespace pleat
#endif
