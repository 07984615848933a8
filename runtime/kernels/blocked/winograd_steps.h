#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/blocked/winograd.h"
#include "runtime/kernels/interval.h"

namespace pleat {

inline constexpr std::int64_t kWinogradOutputs = 4;  ///< of a tile, along one axis
inline constexpr std::int64_t kWinogradInputs = 6;
inline constexpr std::int64_t kWinogradPlaces = kWinogradInputs * kWinogradInputs;
inline constexpr std::int64_t kWinogradChain = 64;  ///< input channels of a chain

/// The tiles of all images of y, counted row by row, image after image.
struct WinogradTiles {
  std::int64_t rows, columns, batch;

  struct At {
    std::int64_t image, row, column;
  };

  explicit WinogradTiles(const Planes& out)
      : rows((out.height + kWinogradOutputs - 1) / kWinogradOutputs),
        columns((out.width + kWinogradOutputs - 1) / kWinogradOutputs),
        batch(out.batch) {}

  std::int64_t count() const { return batch * rows * columns; }
  At at(std::int64_t tile) const { return {tile / columns / rows, tile / columns % rows, tile % columns}; }
};

/// Elements from one place to the next of arrays [place][block][tile][16 lanes]: one line more than they fill, lest the
/// places of a tile meet in one set of the cache.
constexpr std::int64_t winograd_step(std::int64_t blocks, std::int64_t tiles) {
  return (blocks * tiles + 1) * kChannelBlock;
}

/// Some neighbouring tiles and their transformed inputs V[place][block of input channels][tile][16 lanes].
struct WinogradGroup {
  Interval tiles;
  float* v;
};

/// Fills V of `group`, items being (block of input channels, tile of the group) in row-major order.
void winograd_inputs(const WinogradConv& problem, const WinogradGroup& group, Interval items);

/// Computes y for one pair of output blocks on `tiles`, counted from the first of the group. `m` has room for
/// kWinogradPlaces · winograd_step(2, tiles).
void winograd_outputs(const WinogradConv& problem, const WinogradGroup& group, std::int64_t pair, Interval tiles,
                      float* m);

/// M of `tiles` tiles at one place, for one or two blocks of output channels.
struct WinogradProduct {
  std::int64_t channels, tiles, blocks;
  const float* v;  ///< [block of input channels][tile][16 lanes]
  std::int64_t v_block;
  const float* u;  ///< [block of output channels][channel][16 lanes]
  std::int64_t u_block;
  float* m;  ///< [block of output channels][tile][16 lanes]
  std::int64_t m_block;
};

}  // namespace pleat
