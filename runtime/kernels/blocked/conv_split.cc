#include "runtime/kernels/blocked/conv_split.h"

#include <limits>

namespace pleat {
namespace {

/// Half of a small second-level cache; the other half is left to weights and results.
constexpr std::int64_t kChunkBytes = 256 << 10;
/// As many share a set of weights even where what they read is larger.
constexpr std::int64_t kFewestChunkPixels = 56;

std::int64_t plane_pixels(const BlockedConv& conv) { return conv.out.height * conv.out.width; }

}  // namespace

ConvGrid::ConvGrid(const BlockedConv& conv, std::int64_t threads) {
  constexpr std::int64_t kBytesPerStep = 8;  // read in the time of one step of one vector
  const std::int64_t blocks = conv.out.blocks();
  const std::int64_t pixels = conv.out.batch * plane_pixels(conv);
  const std::int64_t weight_bytes = static_cast<std::int64_t>(packed_conv_elements(conv) * sizeof(float));
  const std::int64_t input_bytes =
      conv.in.batch * conv.in.channels * conv.in.height * conv.in.width * static_cast<std::int64_t>(sizeof(float));
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (std::int64_t parts = 1; parts <= std::min(threads, blocks); ++parts) {
    const std::int64_t other = std::min(threads / parts, pixels);
    const std::int64_t sums = divide_up(blocks, parts) * divide_up(pixels, other) * conv.depth();
    const std::int64_t cost = sums + (weight_bytes / parts + input_bytes / other) / kBytesPerStep;
    if (cost >= least) continue;
    least = cost;
    block_parts = parts;
    pixel_parts = other;
  }
}

ConvPiece ConvGrid::piece(const BlockedConv& conv, std::int64_t index) const {
  const std::int64_t width = conv.out.width, pixels = conv.out.batch * plane_pixels(conv);
  ConvPiece piece = {even_part({0, conv.out.blocks()}, block_parts, index / pixel_parts),
                     even_part({0, pixels}, pixel_parts, index % pixel_parts)};
  if (pixels < 8 * width * pixel_parts) return piece;
  // Whole rows, which cut into tiles more evenly.
  piece.pixels.begin -= piece.pixels.begin % width;
  piece.pixels.end -= piece.pixels.end % width;
  return piece;
}

std::int64_t conv_chunk(const BlockedConv& conv, std::int64_t pixels, std::int64_t span) {
  std::int64_t bytes = conv.group_channels() * static_cast<std::int64_t>(sizeof(float));
  for (std::size_t axis = 0; axis < 2; ++axis) bytes *= std::min(conv.stride[axis], conv.kernel[axis]);
  const std::int64_t most = std::clamp(kChunkBytes / bytes, kFewestChunkPixels, kMostChunkPixels);
  const std::int64_t even = divide_up(pixels, divide_up(pixels, most));
  const std::int64_t up = divide_up(even, span) * span;
  return up <= kMostChunkPixels ? up : even;
}

void locate(const BlockedConv& conv, Interval pixels, ConvPixel* at) {
  const Planes& in = conv.in;
  const Planes& addend = conv.epilogue.addend_planes;
  const std::int64_t step = conv.stride[1] * in.lanes, width = conv.out.width;
  for (std::int64_t i = pixels.begin; i < pixels.end;) {
    const std::int64_t row = i / width, column = i % width;
    const std::int64_t row_end = std::min(pixels.end, (row + 1) * width);
    ConvPixel pixel = {in.offset(0, 0, row * conv.stride[0] - conv.pad[0], column * conv.stride[1] - conv.pad[1]),
                       conv.out.offset(0, 0, row, column), addend.offset(0, 0, row, column)};
    for (; i < row_end; ++i) {
      *at++ = pixel;
      pixel.x += step;
      pixel.y += kChannelBlock;
      pixel.addend += kChannelBlock;
    }
  }
}

void zero_halo(const BlockedConv& conv, std::int64_t n, std::int64_t block, Interval pixels) {
  const Planes& out = conv.out;
  if (out.halo == Halo{}) return;
  float* plane = conv.y + n * out.image() + block * out.block();
  const auto zero = [&](std::int64_t from, std::int64_t to) { std::fill(plane + from, plane + to, 0.0F); };
  for (std::int64_t row = divide_up(pixels.begin, out.width); row * out.width < pixels.end; ++row)
    zero(row == 0 ? 0 : out.offset(0, 0, row - 1, out.width), out.offset(0, 0, row, 0));
  if (pixels.end == plane_pixels(conv)) zero(out.offset(0, 0, out.height - 1, out.width), out.block());
}

}  // namespace pleat
