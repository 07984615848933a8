#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/winograd_steps.cc"
#include "runtime/kernels/blocked/winograd_steps.h"

#include "runtime/kernels/blocked/winograd_windows.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/elementary.h"
#include "runtime/kernels/prefetch.h"

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
constexpr int kMostTiles = 14;  // by two vectors: 28 accumulators of 32 registers
#else
constexpr int kMostTiles = 6;  // by two vectors: 12 accumulators of 16 registers
#endif

constexpr std::int64_t kVectorsPerBlock = kChannelBlock / Lanes::kLanes;

/// What one pass over the first-level cache takes of a product.
struct Part {
  std::int64_t block;
  Interval channels;
  std::int64_t first_tile;
  const float* ahead;        ///< weights of the next place, to be fetched meanwhile
  std::int64_t ahead_lines;  ///< of each block, per kChannelBlock channels
};

/// kTiles tiles by kBlocks blocks of output channels, held in registers over the input channels of the part: one chain.
template <int kTiles, int kBlocks>
void multiply_tiles(const WinogradProduct& p, const Part& part) {
  constexpr int kVectors = kBlocks * kVectorsPerBlock;
  const Lanes o;
  const std::int64_t u_vector = kVectorsPerBlock == 1 ? p.u_block : Lanes::kLanes;
  const std::int64_t m_vector = kVectorsPerBlock == 1 ? p.m_block : Lanes::kLanes;
  const Interval channels = part.channels;
  const float* HWY_RESTRICT v = p.v + channels.begin / kChannelBlock * p.v_block + part.first_tile * kChannelBlock;
  const float* HWY_RESTRICT u = p.u + part.block * p.u_block + channels.begin * kChannelBlock;
  float* HWY_RESTRICT m = p.m + part.block * p.m_block + part.first_tile * kChannelBlock;
  const float* ahead = part.ahead;
  Lanes::Value sums[kTiles][kVectors];
#pragma GCC unroll 14
  for (int t = 0; t < kTiles; ++t)
#pragma GCC unroll 2
    for (int k = 0; k < kVectors; ++k) sums[t][k] = o.set(0);
  for (std::int64_t first = channels.begin; first < channels.end; first += kChannelBlock, v += p.v_block) {
    for (std::int64_t line = 0; line < part.ahead_lines; ++line, ahead += kChannelBlock)
      for (int b = 0; b < kBlocks; ++b) __builtin_prefetch(ahead + b * p.u_block);
    const std::int64_t count = std::min(kChannelBlock, channels.end - first);
    for (std::int64_t c = 0; c < count; ++c, u += kChannelBlock) {
      Lanes::Value weights[kVectors];
#pragma GCC unroll 2
      for (int k = 0; k < kVectors; ++k) weights[k] = o.load(u + k * u_vector);
#pragma GCC unroll 14
      for (int t = 0; t < kTiles; ++t) {
        const Lanes::Value input = o.set(v[t * kChannelBlock + c]);
#pragma GCC unroll 2
        for (int k = 0; k < kVectors; ++k) sums[t][k] = o.fma(input, weights[k], sums[t][k]);
      }
    }
  }
#pragma GCC unroll 14
  for (int t = 0; t < kTiles; ++t)
#pragma GCC unroll 2
    for (int k = 0; k < kVectors; ++k) {
      float* to = m + t * kChannelBlock + k * m_vector;
      o.store(channels.begin == 0 ? sums[t][k] : o.add(o.load(to), sums[t][k]), to);
    }
}

/// kBlocks blocks from `block` on, the tiles in pieces of near equal size: the last one must not be a thin one.
template <int kBlocks, int... kTiles>
void multiply_blocks(const WinogradProduct& p, std::int64_t block, std::integer_sequence<int, kTiles...>) {
  using Multiply = void (*)(const WinogradProduct&, const Part&);
  static constexpr Multiply kBySize[] = {multiply_tiles<kTiles + 1, kBlocks>...};
  const std::int64_t pieces = (p.tiles + kMostTiles - 1) / kMostTiles;
  const std::int64_t lines = (kChannelBlock + pieces - 1) / pieces;
  const float* next = p.u + block * p.u_block + p.channels * kChannelBlock;
  for (std::int64_t channel = 0; channel < p.channels; channel += kWinogradChain) {
    const Interval channels = {channel, std::min(p.channels, channel + kWinogradChain)};
    const std::int64_t ahead = (channels.size() + kChannelBlock - 1) / kChannelBlock * lines;
    for (std::int64_t piece = 0; piece < pieces; ++piece) {
      const std::int64_t first = p.tiles * piece / pieces;
      const std::int64_t size = p.tiles * (piece + 1) / pieces - first;
      kBySize[size - 1](p, {block, channels, first, next + (channel + piece * ahead) * kChannelBlock, lines});
    }
  }
}

inline void multiply(const WinogradProduct& p) {
  constexpr std::make_integer_sequence<int, kMostTiles> kSizes;
  if constexpr (kVectorsPerBlock == 1) {
    if (p.blocks == 2) return multiply_blocks<2>(p, 0, kSizes);
  }
  for (std::int64_t block = 0; block < p.blocks; ++block) multiply_blocks<1>(p, block, kSizes);
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
  for (std::int64_t block = 0; block < p.blocks; ++block)
    for (std::int64_t t = 0; t < p.tiles; ++t)
      for (std::int64_t lane = 0; lane < kChannelBlock; ++lane) {
        float sum = 0;
        for (std::int64_t first = 0; first < p.channels; first += kWinogradChain) {
          float chain = 0;
          for (std::int64_t c = first; c < std::min(p.channels, first + kWinogradChain); ++c)
            chain = std::fma(p.v[c / kChannelBlock * p.v_block + t * kChannelBlock + c % kChannelBlock],
                             p.u[block * p.u_block + c * kChannelBlock + lane], chain);
          sum = first == 0 ? chain : sum + chain;
        }
        p.m[block * p.m_block + t * kChannelBlock + lane] = sum;
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
