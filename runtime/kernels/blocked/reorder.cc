#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/reorder.cc"
#include "runtime/kernels/blocked/reorder.h"

#include <algorithm>
#include <cstring>

#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

using Quad = hn::FixedTag<float, 4>;
using Wide = hn::CappedTag<float, 16>;
constexpr int kWide = static_cast<int>(hn::MaxLanes(Wide()));
constexpr std::int64_t kPixels = 4;  // of one step

/// Four channels every `kPixels` of a vector: those of `x`, `x` + 4·step, …
HWY_INLINE hn::Vec<Wide> load_quads(const float* x, std::int64_t step) {
  const Quad q;
  const hn::Half<Wide> h;
#if HWY_TARGET == HWY_AVX3
  const hn::Half<decltype(h)> four;
  static_assert(hn::MaxLanes(four) == 4);
  return hn::Combine(Wide(), hn::Combine(h, hn::LoadU(q, x + 12 * step), hn::LoadU(q, x + 8 * step)),
                     hn::Combine(h, hn::LoadU(q, x + 4 * step), hn::LoadU(q, x)));
#else
  static_assert(hn::MaxLanes(h) == 4);
  return hn::Combine(Wide(), hn::LoadU(q, x + 4 * step), hn::LoadU(q, x));
#endif
}

HWY_INLINE void store_quads(hn::Vec<Wide> v, float* y, std::int64_t step) {
  const Quad q;
  const hn::Half<Wide> h;
#if HWY_TARGET == HWY_AVX3
  const auto low = hn::LowerHalf(h, v), high = hn::UpperHalf(h, v);
  hn::StoreU(hn::LowerHalf(q, low), q, y);
  hn::StoreU(hn::UpperHalf(q, low), q, y + 4 * step);
  hn::StoreU(hn::LowerHalf(q, high), q, y + 8 * step);
  hn::StoreU(hn::UpperHalf(q, high), q, y + 12 * step);
#else
  hn::StoreU(hn::LowerHalf(h, v), q, y);
  hn::StoreU(hn::UpperHalf(h, v), q, y + 4 * step);
#endif
}

/// Transposes the 4×4 values in each 128 bits of four vectors.
HWY_INLINE void transpose_quads(hn::Vec<Wide>& a, hn::Vec<Wide>& b, hn::Vec<Wide>& c, hn::Vec<Wide>& d) {
  const Wide w;
  const hn::RepartitionToWide<Wide> pairs;
  const auto ab_low = hn::BitCast(pairs, hn::InterleaveLower(w, a, b));
  const auto ab_high = hn::BitCast(pairs, hn::InterleaveUpper(w, a, b));
  const auto cd_low = hn::BitCast(pairs, hn::InterleaveLower(w, c, d));
  const auto cd_high = hn::BitCast(pairs, hn::InterleaveUpper(w, c, d));
  a = hn::BitCast(w, hn::InterleaveLower(pairs, ab_low, cd_low));
  b = hn::BitCast(w, hn::InterleaveUpper(pairs, ab_low, cd_low));
  c = hn::BitCast(w, hn::InterleaveLower(pairs, ab_high, cd_high));
  d = hn::BitCast(w, hn::InterleaveUpper(pairs, ab_high, cd_high));
}

/// Four pixels of kChannelBlock planes, `step` apart.
HWY_INLINE void pack_pixels(const float* x, std::int64_t step, float* y) {
  const Wide w;
  for (int c = 0; c < kChannelBlock; c += kWide) {
    const float* at = x + c * step;
    auto p0 = load_quads(at, step), p1 = load_quads(at + step, step), p2 = load_quads(at + 2 * step, step),
         p3 = load_quads(at + 3 * step, step);
    transpose_quads(p0, p1, p2, p3);
    hn::Store(p0, w, y + c);
    hn::Store(p1, w, y + c + kChannelBlock);
    hn::Store(p2, w, y + c + 2 * kChannelBlock);
    hn::Store(p3, w, y + c + 3 * kChannelBlock);
  }
}

HWY_INLINE void unpack_pixels(const float* x, float* y, std::int64_t step) {
  const Wide w;
  for (int c = 0; c < kChannelBlock; c += kWide) {
    auto p0 = hn::Load(w, x + c), p1 = hn::Load(w, x + c + kChannelBlock), p2 = hn::Load(w, x + c + 2 * kChannelBlock),
         p3 = hn::Load(w, x + c + 3 * kChannelBlock);
    transpose_quads(p0, p1, p2, p3);
    float* at = y + c * step;
    store_quads(p0, at, step);
    store_quads(p1, at + step, step);
    store_quads(p2, at + 2 * step, step);
    store_quads(p3, at + 3 * step, step);
  }
}

/// Up to four pixels of up to kChannelBlock planes, by a copy of full size.
void pack_few(const float* x, std::int64_t step, std::int64_t channels, std::int64_t pixels, float* y) {
  alignas(64) float in[kChannelBlock * kPixels] = {}, out[kPixels * kChannelBlock];
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t p = 0; p < pixels; ++p) in[c * kPixels + p] = x[c * step + p];
  pack_pixels(in, kPixels, out);
  std::copy_n(out, pixels * kChannelBlock, y);
}

void unpack_few(const float* x, std::int64_t channels, std::int64_t pixels, float* y, std::int64_t step) {
  alignas(64) float in[kPixels * kChannelBlock] = {}, out[kChannelBlock * kPixels];
  std::copy_n(x, pixels * kChannelBlock, in);
  unpack_pixels(in, out, kPixels);
  for (std::int64_t c = 0; c < channels; ++c)
    for (std::int64_t p = 0; p < pixels; ++p) y[c * step + p] = out[c * kPixels + p];
}

/// `pixels` neighbours of `channels` planes, `step` apart, to whole blocked pixels. The last four pixels may overlap
/// those before.
void pack(const float* x, std::int64_t step, std::int64_t channels, std::int64_t pixels, float* y) {
  const bool whole = channels == kChannelBlock && pixels >= kPixels;
  for (std::int64_t p = 0; p < pixels; p += kPixels)
    if (whole) {
      const std::int64_t at = std::min(p, pixels - kPixels);
      pack_pixels(x + at, step, y + at * kChannelBlock);
    } else {
      pack_few(x + p, step, channels, std::min(kPixels, pixels - p), y + p * kChannelBlock);
    }
}

void unpack(const float* x, std::int64_t channels, std::int64_t pixels, float* y, std::int64_t step) {
  const bool whole = channels == kChannelBlock && pixels >= kPixels;
  for (std::int64_t p = 0; p < pixels; p += kPixels)
    if (whole) {
      const std::int64_t at = std::min(p, pixels - kPixels);
      unpack_pixels(x + at * kChannelBlock, y + at, step);
    } else {
      unpack_few(x + p * kChannelBlock, channels, std::min(kPixels, pixels - p), y + p, step);
    }
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

void pack(const float* x, std::int64_t step, std::int64_t channels, std::int64_t pixels, float* y) {
  for (std::int64_t p = 0; p < pixels; ++p)
    for (std::int64_t c = 0; c < kChannelBlock; ++c) *y++ = c < channels ? x[c * step + p] : 0;
}

void unpack(const float* x, std::int64_t channels, std::int64_t pixels, float* y, std::int64_t step) {
  for (std::int64_t p = 0; p < pixels; ++p)
    for (std::int64_t c = 0; c < channels; ++c) y[c * step + p] = x[p * kChannelBlock + c];
}

}  // namespace reference

namespace {

/// Rows that may be moved as one long row, where neither layout has a halo beside them.
struct Runs {
  std::int64_t count, pixels;

  Runs(const Planes& a, const Planes& b, Interval rows) : count(rows.size()), pixels(a.width) {
    if (rows_join(a) && rows_join(b)) {
      pixels *= count;
      count = 1;
    }
  }
};

void copy_rows(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  parallel_rows(to, rows_worth_a_thread(to.row()), pool, [&](std::int64_t n, std::int64_t b, Interval rows) {
    clear_halo(to, y, n, b, rows);
    const Runs runs(from, to, rows);
    for (std::int64_t r = 0; r < runs.count; ++r)
      std::memcpy(y + to.offset(n, b, rows.begin + r, 0), x + from.offset(n, b, rows.begin + r, 0),
                  static_cast<std::size_t>(runs.pixels * to.lanes) * sizeof(float));
    if (b == to.blocks() - 1) clear_spare_lanes(to, y, n, rows);
  });
}

std::int64_t channels_of_block(const Planes& planes, std::int64_t b) {
  return std::min(kChannelBlock, planes.channels - b * kChannelBlock);
}

void to_blocked(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  const auto pack = PLEAT_CHOOSE(pack);
  parallel_rows(to, rows_worth_a_thread(to.row()), pool, [&](std::int64_t n, std::int64_t b, Interval rows) {
    clear_halo(to, y, n, b, rows);
    const Runs runs(from, to, rows);
    for (std::int64_t r = 0; r < runs.count; ++r)
      pack(x + from.offset(n, b * kChannelBlock, rows.begin + r, 0), from.block(), channels_of_block(to, b),
           runs.pixels, y + to.offset(n, b, rows.begin + r, 0));
  });
}

void to_planar(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  const auto unpack = PLEAT_CHOOSE(unpack);
  parallel_rows(from, rows_worth_a_thread(from.row()), pool, [&](std::int64_t n, std::int64_t b, Interval rows) {
    const std::int64_t channels = channels_of_block(from, b);
    for (std::int64_t c = 0; c < channels; ++c) clear_halo(to, y, n, b * kChannelBlock + c, rows);
    const Runs runs(from, to, rows);
    for (std::int64_t r = 0; r < runs.count; ++r)
      unpack(x + from.offset(n, b, rows.begin + r, 0), channels, runs.pixels,
             y + to.offset(n, b * kChannelBlock, rows.begin + r, 0), to.block());
  });
}

}  // namespace

void reorder(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool) {
  if (from.lanes == to.lanes)
    copy_rows(from, x, to, y, pool);
  else if (from.lanes == 1)
    to_blocked(from, x, to, y, pool);
  else
    to_planar(from, x, to, y, pool);
}

}  // namespace pleat
#endif
