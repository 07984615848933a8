#pragma once

#include <cstdint>

namespace pleat {

/// Channels that lie side by side in a blocked layout. The same number bounds the blocks of input channels in the sum
/// of a convolution (reference.h), so that a kernel walks memory in the order of the sum.
inline constexpr std::int64_t kChannelBlock = 16;

/// Zero pixels around each plane, which convolutions read as their padding.
struct Halo {
  std::int64_t top = 0, left = 0, bottom = 0, right = 0;

  friend bool operator==(const Halo&, const Halo&) = default;
};

/// How float planes lie in memory: [batch][blocks()][top + height + bottom][left + width + right][lanes]. `lanes` is
/// kChannelBlock ("NCHW16c") or 1 (row-major planes). Who writes planes writes the halo too, as zeros. Lanes beyond
/// `channels` in the last block hold finite values without meaning. Memory starts at a multiple of 64 bytes.
struct Planes {
  std::int64_t batch = 1, channels = 0, height = 1, width = 1;
  std::int64_t lanes = kChannelBlock;
  Halo halo = {};
  std::int64_t kept_rows = 0;  ///< rows of a block in memory where not all of them are there at a time; 0: all

  std::int64_t blocks() const { return (channels + lanes - 1) / lanes; }
  std::int64_t rows() const { return halo.top + height + halo.bottom; }       ///< the halo's included
  std::int64_t row_pixels() const { return halo.left + width + halo.right; }  ///< the halo's included
  std::int64_t row() const { return row_pixels() * lanes; }                   ///< elements from a row to the next
  std::int64_t block() const { return (kept_rows > 0 ? kept_rows : rows()) * row(); }  ///< elements of one block
  std::int64_t image() const { return blocks() * block(); }                            ///< elements of one sample
  std::int64_t elements() const { return batch * image(); }

  /// Elements before lane 0 of pixel (y, x) of a block; (0, 0) is the first pixel inside the halo, and negative
  /// coordinates reach into it.
  std::int64_t offset(std::int64_t n, std::int64_t b, std::int64_t y, std::int64_t x) const {
    return n * image() + b * block() + (halo.top + y) * row() + (halo.left + x) * lanes;
  }

  friend bool operator==(const Planes&, const Planes&) = default;
};

}  // namespace pleat
