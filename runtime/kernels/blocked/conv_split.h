#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/kernels/blocked/conv.h"
#include "runtime/kernels/rectangles.h"

namespace pleat {

/// The pieces a convolution is cut into to be shared among threads: more than there are threads, so that who is done
/// first can help, and in an order in which neighbours share pixels or, where those weigh more, weights.
struct ConvGrid {
  std::int64_t block_parts = 1, pixel_parts = 1;
  std::int64_t chunks = 1;  ///< of pixels, whole rows if they are not too long; a part is some of them
  bool share_weights = false;

  ConvGrid(const BlockedConv& conv, std::int64_t threads);

  std::int64_t pieces() const { return block_parts * pixel_parts; }

  /// Those of the parts in both ranges, joined.
  ConvPiece piece(const BlockedConv& conv, Interval blocks, Interval pixels) const;

  /// Calls body with pieces that together are those from `begin` to `end`, joined where they make a rectangle.
  template <class Body>
  void for_each(const BlockedConv& conv, std::int64_t begin, std::int64_t end, Body&& body) const {
    for_each_rectangle(share_weights ? pixel_parts : block_parts, {begin, end}, [&](Interval across, Interval along) {
      body(share_weights ? piece(conv, across, along) : piece(conv, along, across));
    });
  }
};

/// Where one output pixel reads and writes: elements from the first block of its image (of x: of its group).
struct ConvPixel {
  std::int64_t x, y, addend;
};

/// Pixels that are worked on together, so that what they read stays in the cache while all output blocks use it.
inline constexpr std::int64_t kMostChunkPixels = 256;

/// The size of chunks that share `pixels` of an image about evenly: a multiple of `span` but for small ones.
std::int64_t conv_chunk(const BlockedConv& conv, std::int64_t pixels, std::int64_t span);

void locate(const BlockedConv& conv, Interval pixels, ConvPixel* at);

/// Zeroes the halo of output block `block` of image `n` next to `pixels`: before the first pixel of each row among
/// them, and after the last of the plane.
void zero_halo(const BlockedConv& conv, std::int64_t n, std::int64_t block, Interval pixels);

/// Calls body(image, group, blocks of the whole, pixels of the image) for each image and group the piece touches.
template <class Body>
void for_each_plane(const BlockedConv& conv, const ConvPiece& piece, Body&& body) {
  const std::int64_t plane = conv.out.height * conv.out.width;
  const std::int64_t group_blocks = conv.group_blocks();
  for (std::int64_t n = piece.pixels.begin / plane; n * plane < piece.pixels.end; ++n) {
    const Interval pixels = {std::max(piece.pixels.begin - n * plane, std::int64_t{0}),
                             std::min(piece.pixels.end - n * plane, plane)};
    for (std::int64_t g = piece.blocks.begin / group_blocks; g * group_blocks < piece.blocks.end; ++g)
      body(n, g,
           Interval{std::max(piece.blocks.begin, g * group_blocks), std::min(piece.blocks.end, (g + 1) * group_blocks)},
           pixels);
  }
}

}  // namespace pleat
