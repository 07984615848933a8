#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/winograd_steps.cc"
#include "runtime/kernels/blocked/winograd_steps.h"

#include "runtime/kernels/blocked/winograd_windows.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/elementary.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/elementary_inl.h"

#ifndef PLEAT_WINOGRAD_ACTIVATE
#define PLEAT_WINOGRAD_ACTIVATE
namespace pleat {
namespace {

/// One tile after another, while they are in the cache.
void activate_tiles(const WinogradConv& p, const WinogradGroup& group, std::int64_t block, Interval range) {
  const WinogradTiles tiles(p.out);
  const std::int64_t lanes = std::min(kChannelBlock, p.out.channels - block * kChannelBlock);
  for (std::int64_t t = range.begin; t < range.end; ++t)
    OutputWindow(p, tiles, tiles.at(group.tiles.begin + t), block).activate_pixels(lanes);
}

}  // namespace
}  // namespace pleat
#endif

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE::winograd {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

struct Lanes : VectorOps<float> {
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());
  HWY_INLINE Value load(const float* from) const { return hn::LoadU(D(), from); }
  HWY_INLINE void store(Value value, float* to) const { hn::StoreU(value, D(), to); }
};

#if HWY_TARGET == HWY_AVX3
constexpr std::int64_t kMostTiles = 14;  // by two vectors: 28 accumulators of 32 registers
#else
constexpr std::int64_t kMostTiles = 6;  // by two vectors: 12 accumulators of 16 registers
#endif

/// kTiles tiles by kVectors vectors of output channels, held in registers over all input channels.
template <int kTiles, int kVectors>
void multiply_tiles(const WinogradProduct& p, const float* HWY_RESTRICT v, const float* HWY_RESTRICT u,
                    float* HWY_RESTRICT m) {
  const Lanes o;
  Lanes::Value sums[kTiles][kVectors];
#pragma GCC unroll 14
  for (int t = 0; t < kTiles; ++t)
#pragma GCC unroll 2
    for (int k = 0; k < kVectors; ++k) sums[t][k] = o.set(0);
  for (std::int64_t first = 0; first < p.channels; first += kChannelBlock, v += p.v_block) {
    const std::int64_t count = std::min(kChannelBlock, p.channels - first);
    for (std::int64_t c = 0; c < count; ++c, u += p.width) {
      Lanes::Value weights[kVectors];
#pragma GCC unroll 2
      for (int k = 0; k < kVectors; ++k) weights[k] = o.load(u + k * Lanes::kLanes);
#pragma GCC unroll 14
      for (int t = 0; t < kTiles; ++t) {
        const Lanes::Value input = o.set(v[t * kChannelBlock + c]);
#pragma GCC unroll 2
        for (int k = 0; k < kVectors; ++k) sums[t][k] = o.fma(input, weights[k], sums[t][k]);
      }
    }
  }
  const std::int64_t vector = Lanes::kLanes == kChannelBlock ? p.m_block : Lanes::kLanes;
#pragma GCC unroll 14
  for (int t = 0; t < kTiles; ++t)
#pragma GCC unroll 2
    for (int k = 0; k < kVectors; ++k) o.store(sums[t][k], m + t * kChannelBlock + k * vector);
}

using MultiplyTiles = void (*)(const WinogradProduct&, const float*, const float*, float*);

template <int kVectors, int... kTiles>
MultiplyTiles multiply_tiles_of(std::int64_t tiles, std::integer_sequence<int, kTiles...>) {
  static constexpr MultiplyTiles kTable[] = {multiply_tiles<kTiles + 1, kVectors>...};
  return kTable[tiles - 1];
}

/// In pieces of near equal size: the last one must not be a thin one.
inline void multiply(const WinogradProduct& p) {
  constexpr std::make_integer_sequence<int, kMostTiles> kSizes;
  constexpr std::int64_t kWidth = 2 * Lanes::kLanes;
  const std::int64_t pieces = (p.tiles + kMostTiles - 1) / kMostTiles;
  for (std::int64_t piece = 0; piece < pieces; ++piece) {
    const std::int64_t first = p.tiles * piece / pieces;
    const std::int64_t size = p.tiles * (piece + 1) / pieces - first;
    const float* v = p.v + first * kChannelBlock;
    float* m = p.m + first * kChannelBlock;
    if (kWidth > p.width) {
      multiply_tiles_of<1>(size, kSizes)(p, v, p.u, m);
      continue;
    }
    for (std::int64_t lane = 0; lane < p.width; lane += kWidth)
      multiply_tiles_of<2>(size, kSizes)(p, v, p.u + lane, m + lane / kChannelBlock * p.m_block);
  }
}

#include "runtime/kernels/blocked/winograd_sequences.h"

#endif
}  // namespace pleat::HWY_NAMESPACE::winograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference::winograd {

struct Lanes : ScalarOps<float> {
  static constexpr std::int64_t kLanes = 1;
  float load(const float* from) const { return *from; }
  void store(float value, float* to) const { *to = value; }
};

inline void multiply(const WinogradProduct& p) {
  for (std::int64_t t = 0; t < p.tiles; ++t)
    for (std::int64_t lane = 0; lane < p.width; ++lane) {
      float sum = 0;
      for (std::int64_t c = 0; c < p.channels; ++c)
        sum = std::fma(p.v[c / kChannelBlock * p.v_block + t * kChannelBlock + c % kChannelBlock],
                       p.u[c * p.width + lane], sum);
      p.m[lane / kChannelBlock * p.m_block + t * kChannelBlock + lane % kChannelBlock] = sum;
    }
}

#include "runtime/kernels/blocked/winograd_sequences.h"

}  // namespace reference::winograd

void winograd_inputs(const WinogradConv& problem, const WinogradGroup& group, Interval items) {
  PLEAT_CHOOSE(winograd::inputs)(problem, group, items);
}

void winograd_outputs(const WinogradConv& problem, const WinogradGroup& group, std::int64_t pair, Interval tiles,
                      float* m) {
  PLEAT_CHOOSE(winograd::outputs)(problem, group, pair, tiles, m);
}

}  // namespace pleat
#endif
