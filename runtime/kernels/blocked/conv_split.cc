#include "runtime/kernels/blocked/conv_split.h"

#include <algorithm>

#include "runtime/kernels/parallel.h"

namespace pleat {
namespace {

/// Half of a small second-level cache; the other half is left to weights and results.
constexpr std::int64_t kChunkBytes = 256 << 10;
/// As many share a set of weights even where what they read is larger.
constexpr std::int64_t kFewestChunkPixels = 56;

std::int64_t plane_pixels(const BlockedConv& conv) { return conv.out.height * conv.out.width; }

std::int64_t most_chunk_pixels(const BlockedConv& conv) {
  std::int64_t bytes = conv.group_channels() * static_cast<std::int64_t>(sizeof(float));
  for (std::size_t axis = 0; axis < 2; ++axis) bytes *= std::min(conv.stride[axis], conv.kernel[axis]);
  return std::clamp(kChunkBytes / bytes, kFewestChunkPixels, kMostChunkPixels);
}

/// Pixels that are not parted: those of a row, which cut into tiles more evenly.
std::int64_t line_pixels(const BlockedConv& conv) {
  return conv.out.width <= most_chunk_pixels(conv) ? conv.out.width : 1;
}

}  // namespace

ConvGrid::ConvGrid(const BlockedConv& conv, std::int64_t threads) {
  constexpr std::int64_t kBytesPerStep = 8;  // read in the time of one step of one vector
  constexpr std::int64_t kPiecesOfThread = 8;
  constexpr std::int64_t kLeastPiece = 5 * kFewMultiplyAdds;
  constexpr std::int64_t kTile = 28;  // about as many vectors a tile makes: a few pixels of many blocks or the reverse
  if (threads == 1) return;
  const std::int64_t blocks = conv.out.blocks();
  const std::int64_t pixels = conv.out.batch * plane_pixels(conv);
  const std::int64_t weight_bytes = static_cast<std::int64_t>(packed_conv_elements(conv) * sizeof(float));
  const std::int64_t input_bytes =
      conv.in.batch * conv.in.channels * conv.in.height * conv.in.width * static_cast<std::int64_t>(sizeof(float));
  // What the slowest thread sums and reads if either is cut into as many parts as there are threads.
  const auto cost = [&](std::int64_t count, std::int64_t others, std::int64_t cut, std::int64_t whole) {
    return divide_up(count, threads) * others * conv.depth() + (cut / threads + whole) / kBytesPerStep;
  };
  const std::int64_t most_blocks = std::max<std::int64_t>(1, blocks / std::clamp<std::int64_t>(kTile / pixels, 2, 8));
  share_weights = most_blocks >= threads &&
                  cost(blocks, pixels, weight_bytes, input_bytes) < cost(pixels, blocks, input_bytes, weight_bytes);

  const std::int64_t work = blocks * kChannelBlock * pixels * conv.depth();
  const std::int64_t wanted = std::clamp(work / kLeastPiece, threads, threads * kPiecesOfThread);
  const std::int64_t lines = pixels / line_pixels(conv);
  chunks = divide_up(lines, most_chunk_pixels(conv) / line_pixels(conv));
  if (share_weights) {
    block_parts = std::min(wanted, most_blocks);
    pixel_parts = std::clamp<std::int64_t>(wanted / block_parts, 1, chunks);
  } else {
    chunks = std::min(divide_up(chunks, threads) * threads, lines);
    pixel_parts = std::min(wanted, chunks);
    block_parts = std::clamp<std::int64_t>(wanted / pixel_parts, 1, most_blocks);
  }
}

ConvPiece ConvGrid::piece(const BlockedConv& conv, Interval blocks, Interval pixels) const {
  const std::int64_t line = line_pixels(conv), lines = conv.out.batch * plane_pixels(conv) / line;
  const auto edge = [&](std::int64_t part) { return lines * (chunks * part / pixel_parts) / chunks * line; };
  const auto block = [&](std::int64_t part) { return conv.out.blocks() * part / block_parts; };
  return {{block(blocks.begin), block(blocks.end)}, {edge(pixels.begin), edge(pixels.end)}};
}

std::int64_t conv_chunk(const BlockedConv& conv, std::int64_t pixels, std::int64_t span) {
  const std::int64_t most = most_chunk_pixels(conv);
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
  if (pixels.end == plane_pixels(conv)) zero(out.offset(0, 0, out.height - 1, out.width), out.rows() * out.row());
}

}  // namespace pleat
