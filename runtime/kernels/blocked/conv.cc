#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/conv.cc"
#include "runtime/kernels/blocked/conv.h"

#include <algorithm>
#include <cmath>

#include "runtime/base/check.h"
#include "runtime/kernels/blocked/conv_split.h"
#include "runtime/kernels/blocked/parallel_rows.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/parallel.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/blocked/conv_tile_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// The kernel's places along an axis that need be summed for output `i`.
inline Interval inside(const BlockedConv& conv, std::size_t axis, std::int64_t i) {
  const std::int64_t count = conv.kernel[axis], dilation = conv.dilation[axis];
  if (!conv.leaves_padding) return {0, count};
  const std::int64_t size = axis == 0 ? conv.in.height : conv.in.width;
  const std::int64_t before = conv.pad[axis] - i * conv.stride[axis];  // of the padding and what it does not read
  return {std::clamp(divide_up(before, dilation), std::int64_t{0}, count),
          std::clamp(divide_up(size + before, dilation), std::int64_t{0}, count)};
}

inline ConvWalk walk_of(const BlockedConv& conv) {
  constexpr std::int64_t kBytes = sizeof(float);
  ConvWalk walk = {};
  walk.in_blocks = divide_up(conv.group_channels(), kChannelBlock);
  walk.last_channels = conv.group_channels() - (walk.in_blocks - 1) * kChannelBlock;
  walk.kernel_height = conv.kernel[0];
  walk.kernel_width = conv.kernel[1];
  walk.channel_step = (conv.in.lanes == 1 ? conv.in.block() : 1) * kBytes;
  walk.block_step = conv.in.block() * (kChannelBlock / conv.in.lanes) * kBytes;
  walk.row_step = conv.dilation[0] * conv.in.row() * kBytes;
  walk.column_step = conv.dilation[1] * conv.in.lanes * kBytes;
  walk.pixel_step = conv.stride[1] * conv.in.lanes * kBytes;
  walk.weight_step = conv.packed_block() * kBytes;
  walk.y_step = conv.out.block();
  walk.addend_step = conv.epilogue.addend_planes.block();
  walk.leaves_padding = conv.leaves_padding;
  walk.first_column = inside(conv, 1, 0);
  walk.last_column = inside(conv, 1, conv.out.width - 1);
  const Activation& f = conv.epilogue.activation;
  if (f.function == Unary::kRelu) walk.end = ConvWalk::End::kLeast;
  if (f.function == Unary::kClip) {
    walk.end = ConvWalk::End::kBound;
    walk.least = f.a;
    walk.most = f.b;
  }
  return walk;
}

inline bool ends_in_registers(const Activation& f) {
  return f.function == Unary::kIdentity || f.function == Unary::kRelu || f.function == Unary::kClip;
}

/// Sets of blocks that go through tiles together: as many as leave room for the pixels there are.
inline std::int64_t block_sets(std::int64_t blocks, std::int64_t pixels) {
  const auto room = [](std::int64_t together) { return kPixelsOfBlocks[static_cast<std::size_t>(together)]; };
  std::int64_t together = kUsualBlocks;
  while (together < kMostBlocks && room(together + 1) >= std::min<std::int64_t>(pixels, room(kUsualBlocks))) ++together;
  if (together == kUsualBlocks) return std::max<std::int64_t>(1, blocks / together);  // an odd one joins the others
  return divide_up(blocks, together);
}

inline bool side_by_side_in_x(const ConvTile& tile, std::int64_t pixels) {
  return tile.at[pixels - 1].x - tile.at[0].x == (pixels - 1) * kChannelBlock;
}

inline bool side_by_side(const ConvTile& tile, std::int64_t pixels) {
  const std::int64_t last = pixels - 1, distance = last * kChannelBlock;
  return side_by_side_in_x(tile, pixels) && tile.at[last].y - tile.at[0].y == distance &&
         (tile.addend == nullptr || tile.at[last].addend - tile.at[0].addend == distance);
}

/// Whether a tile's pixels are runs of kConvRun that reach over the end of no row, and there are several taps.
inline bool in_runs(const BlockedConv& conv, const ConvWalk& walk, const ConvTile& tile, Interval pixels) {
  if (conv.taps() == 1 || pixels.size() % kConvRun != 0) return false;
  if (conv.leaves_padding) return pixels.begin % kConvRun == 0;
  constexpr std::int64_t kLast = kConvRun - 1;
  const std::int64_t distance = kLast * walk.pixel_step / static_cast<std::int64_t>(sizeof(float));
  for (std::int64_t p = 0; p < pixels.size(); p += kConvRun)
    if (tile.at[p + kLast].x - tile.at[p].x != distance) return false;
  return true;
}

inline ConvTileKernel kernel_of(const ConvTileKernels& kernels, const BlockedConv& conv, const ConvWalk& walk,
                                const ConvTile& tile, Interval pixels) {
  const auto size = static_cast<std::size_t>(pixels.size());
  const bool runs = kernels.sevens != nullptr && in_runs(conv, walk, tile, pixels);
  if (runs && conv.leaves_padding) return pixels.size() == kConvRun ? kernels.seven : kernels.sevens;
  if (side_by_side(tile, pixels.size())) return kernels.run[size];
  if (side_by_side_in_x(tile, pixels.size())) return kernels.across[size];
  return runs && pixels.size() == kMostPixels ? kernels.sevens : kernels.set[size];
}

/// How `pixels` go into tiles: evenly, the first `larger` of them with a pixel more. Where they lie apart in x all but
/// the last are of the most pixels, since only that kernel spills no pointer into a vector register.
struct TileSizes {
  std::int64_t tiles, few, larger, larger_size;

  TileSizes(std::int64_t pixels, std::int64_t most, bool apart) : tiles(divide_up(pixels, most)) {
    constexpr std::int64_t kLeast = 4;  ///< pixels of the last, or it waits for its own sums
    const std::int64_t rest = pixels % most;
    const bool whole = apart && rest >= kLeast;
    few = whole ? rest : pixels / tiles;
    larger = whole ? tiles - 1 : pixels % tiles;
    larger_size = whole ? most : few + 1;
  }
};

/// The activation of finished `pixels` of some blocks, the first of them at `y`.
inline void activate_pixels(const BlockedConv& conv, float* y, std::int64_t blocks, Interval pixels) {
  const Planes& out = conv.out;
  const std::int64_t width = rows_join(out) ? out.height * out.width : out.width;
  const auto rows = [&](std::int64_t b, std::int64_t count, std::int64_t first, std::int64_t columns) {
    float* row = y + out.offset(0, b, first / out.width, first % out.width);
    activate_rows(conv.epilogue.activation, row, count, columns * kChannelBlock, out.row());
  };
  const std::int64_t first_end = std::min(pixels.end, divide_up(pixels.begin, width) * width);
  const std::int64_t whole = (pixels.end - first_end) / width, last = first_end + whole * width;
  for (std::int64_t b = 0; b < blocks; ++b) {
    if (pixels.begin < first_end) rows(b, 1, pixels.begin, first_end - pixels.begin);
    if (whole > 0) rows(b, whole, first_end, width);
    if (last < pixels.end) rows(b, 1, last, pixels.end - last);
  }
}

/// All tiles of some blocks over `pixels`, the first of them at tile.at.
inline void run_tiles(const BlockedConv& conv, const ConvWalk& walk, ConvTile tile, std::int64_t blocks,
                      Interval pixels) {
  const ConvTileKernels& kernels = kConvTiles[static_cast<std::size_t>(blocks)];
  const std::int64_t most = kPixelsOfBlocks[static_cast<std::size_t>(blocks)];
  const bool apart = HWY_TARGET == HWY_AVX3 && blocks == kUsualBlocks && !side_by_side_in_x(tile, pixels.size());
  const TileSizes sizes(pixels.size(), most, apart);
  const std::int64_t taps = walk.in_blocks * walk.kernel_height * walk.kernel_width;
  const std::int64_t lines = ((walk.in_blocks - 1) * kChannelBlock + walk.last_channels) * conv.taps();
  if (tile.ahead != nullptr) tile.ahead_lines = divide_up(lines, sizes.tiles * taps);
  for (std::int64_t t = 0; t < sizes.tiles; ++t) {
    const std::int64_t count = t < sizes.larger ? sizes.larger_size : sizes.few;
    for (std::int64_t r = 0; r < 2; ++r) tile.rows[r] = inside(conv, 0, pixels.begin / conv.out.width + r);
    kernel_of(kernels, conv, walk, tile, {pixels.begin, pixels.begin + count})(walk, tile);
    pixels.begin += count;
    tile.at += count;
    tile.ahead += taps * tile.ahead_lines * kChannelBlock;
  }
}

/// The rows of eight pixels that tiles of whole rows take of `pixels`; the rest is left.
inline std::int64_t rows_of_eight(const BlockedConv& conv, Interval pixels, std::int64_t blocks) {
  const bool whole = conv.out.width == 8 && conv.stride[1] == 1 && pixels.begin % 8 == 0;
  return HWY_TARGET == HWY_AVX3 && whole && blocks == 1 && pixels.size() >= 16 ? pixels.size() / 8 : 0;
}

/// Makes `rows` rows, at least two, and moves on behind them.
inline void eights(const BlockedConv& conv, const ConvWalk& walk, std::int64_t rows, ConvTile& tile) {
#if HWY_TARGET == HWY_AVX3
  const bool blocked = conv.in.lanes == kChannelBlock;
  while (rows > 0) {
    const bool two = rows == 2 || rows == 4;
    if (two)
      (blocked ? conv_eights_tile<2, kChannelBlock> : conv_eights_tile<2, 1>)(walk, tile);
    else
      (blocked ? conv_eights_tile<3, kChannelBlock> : conv_eights_tile<3, 1>)(walk, tile);
    tile.at += two ? 16 : 24;
    rows -= two ? 2 : 3;
  }
#else
  static_cast<void>(conv), static_cast<void>(walk), static_cast<void>(rows), static_cast<void>(tile);
#endif
}

/// In how many turns the depth is summed, so that the weights of one stay near while all tiles read them. Between turns
/// y holds the sums, so the addend must lie elsewhere.
inline std::int64_t depth_turns(const BlockedConv& conv, std::int64_t blocks, std::int64_t pixels) {
  constexpr std::int64_t kTurnBytes = 80 << 10;
  const std::int64_t bytes = blocks * conv.packed_block() * static_cast<std::int64_t>(sizeof(float));
  const bool one_tile = pixels <= kPixelsOfBlocks[static_cast<std::size_t>(blocks)];
  if (conv.depth() < kLongSum || one_tile || conv.epilogue.addend == conv.y) return 1;
  return std::min(divide_up(bytes, kTurnBytes), divide_up(conv.group_channels(), kChannelBlock));
}

/// All sums of some blocks over `pixels`, the first of them at set.at. Where `first` the weights have not been read.
inline void run_set(const BlockedConv& conv, const ConvWalk& walk, const ConvTile& set, std::int64_t blocks,
                    Interval pixels, bool first) {
  constexpr std::int64_t kFloatBytes = sizeof(float);
  const std::int64_t rows = rows_of_eight(conv, pixels, blocks);
  const std::int64_t turns = depth_turns(conv, blocks, pixels.size());
  for (std::int64_t turn = 0; turn < turns; ++turn) {
    const Interval depth = even_part({0, walk.in_blocks}, turns, turn);
    const std::int64_t weights_of_block = conv.taps() * kChannelBlock * kChannelBlock;
    ConvWalk part = walk;
    ConvTile tile = set;
    tile.x += depth.begin * walk.block_step / kFloatBytes;
    tile.weights += depth.begin * weights_of_block;
    tile.resumes = turn > 0;
    part.in_blocks = depth.size();
    if (turn + 1 < turns) {
      part.last_channels = kChannelBlock;
      tile.breaks_off = true;
      tile.ahead = first ? tile.weights + depth.size() * weights_of_block : nullptr;
    }
    eights(conv, part, rows, tile);
    if (pixels.size() > 8 * rows) run_tiles(conv, part, tile, blocks, {pixels.begin + 8 * rows, pixels.end});
  }
}

inline void blocked_conv_piece(const BlockedConv& conv, const ConvPiece& piece) {
  const ConvWalk walk = walk_of(conv);
  const Planes& addend = conv.epilogue.addend_planes;
  const std::int64_t group_elements = conv.in.blocks() / conv.groups * conv.in.block();
  const bool ended = ends_in_registers(conv.epilogue.activation);
  constexpr std::int64_t kBehind = kChannelBlock;  // lines asked for behind the last tile, one with every step
  ConvPixel at[kMostChunkPixels + kBehind];
  for_each_plane(conv, piece, [&](std::int64_t n, std::int64_t group, Interval blocks, Interval pixels) {
    const std::int64_t step = conv_chunk(conv, pixels.size(), kPixelsOfBlocks[kUsualBlocks]);
    for (Interval part = {pixels.begin, pixels.begin}; part.end < pixels.end; part.begin = part.end) {
      part.end = std::min(pixels.end, part.begin + step);
      locate(conv, part, at);
      std::fill_n(at + part.size(), kBehind, at[part.size() - 1]);
      const std::int64_t sets = block_sets(blocks.size(), part.size());
      for (std::int64_t set = 0; set < sets; ++set) {
        const Interval some = even_part(blocks, sets, set);
        for (std::int64_t b = some.begin; b < some.end; ++b) zero_halo(conv, n, b, part);
        ConvTile tile = {};
        tile.x = conv.x + n * conv.in.image() + group * group_elements;
        tile.weights = conv.packed + some.begin * conv.packed_block();
        tile.y = conv.y + n * conv.out.image() + some.begin * conv.out.block();
        if (conv.epilogue.addend != nullptr)
          tile.addend = conv.epilogue.addend + n * addend.image() + some.begin * addend.block();
        tile.at = at;
        const bool first = part.begin == pixels.begin;
        const bool more_here = set + 1 < sets;
        const bool more_next = part.begin == 0 && some.end < (group + 1) * conv.group_blocks();
        if (first && (more_here || more_next)) tile.ahead = tile.weights + some.size() * conv.packed_block();
        run_set(conv, walk, tile, some.size(), part, first);
        if (!ended) activate_pixels(conv, tile.y, some.size(), part);
      }
    }
  });
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

/// The 16 sums of one block of output channels at one pixel.
void blocked_conv_pixel(const BlockedConv& conv, const float* x, const float* packed, float* sums) {
  const std::int64_t channels = conv.group_channels();
  std::copy_n(packed, kChannelBlock, sums);
  const float* w = packed + kChannelBlock;
  for (std::int64_t block = 0; block < channels; block += kChannelBlock)
    for (std::int64_t tap = 0; tap < conv.taps(); ++tap) {
      const float* at = x + tap / conv.kernel[1] * conv.dilation[0] * conv.in.row() +
                        tap % conv.kernel[1] * conv.dilation[1] * conv.in.lanes;
      for (std::int64_t c = block; c < std::min(channels, block + kChannelBlock); ++c, w += kChannelBlock)
        for (std::int64_t lane = 0; lane < kChannelBlock; ++lane)
          sums[lane] = std::fma(at[c / conv.in.lanes * conv.in.block() + c % conv.in.lanes], w[lane], sums[lane]);
    }
  if (conv.leaves_padding)
    for (std::int64_t lane = 0; lane < kChannelBlock; ++lane) sums[lane] += 0.0F;
}

void blocked_conv_piece(const BlockedConv& conv, const ConvPiece& piece) {
  const Epilogue& end = conv.epilogue;
  const std::int64_t group_elements = conv.in.blocks() / conv.groups * conv.in.block();
  for_each_plane(conv, piece, [&](std::int64_t n, std::int64_t group, Interval blocks, Interval pixels) {
    const float* x = conv.x + n * conv.in.image() + group * group_elements;
    for (std::int64_t b = blocks.begin; b < blocks.end; ++b) {
      zero_halo(conv, n, b, pixels);
      for (std::int64_t i = pixels.begin; i < pixels.end; ++i) {
        ConvPixel at;
        locate(conv, {i, i + 1}, &at);
        float* y = conv.y + n * conv.out.image() + b * conv.out.block() + at.y;
        float sums[kChannelBlock];
        blocked_conv_pixel(conv, x + at.x, conv.packed + b * conv.packed_block(), sums);
        if (end.addend != nullptr) {
          const float* addend = end.addend + n * end.addend_planes.image() + b * end.addend_planes.block() + at.addend;
          for (std::int64_t lane = 0; lane < kChannelBlock; ++lane) sums[lane] += addend[lane];
        }
        activate(end.activation, sums, y, kChannelBlock);
      }
    }
  });
}

}  // namespace reference

namespace {

void check(const BlockedConv& conv) {
  const Planes& in = conv.in;
  const Planes& out = conv.out;
  PLEAT_CHECK(out.lanes == kChannelBlock && (in.lanes == kChannelBlock || (in.lanes == 1 && conv.groups == 1)));
  PLEAT_CHECK(in.batch == out.batch && in.channels > 0);
  PLEAT_CHECK(conv.groups == 1 ||
              (in.channels % (conv.groups * kChannelBlock) == 0 && out.channels % (conv.groups * kChannelBlock) == 0));
  const auto last = [&](std::size_t axis, std::int64_t size) {
    return (size - 1) * conv.stride[axis] - conv.pad[axis] + (conv.kernel[axis] - 1) * conv.dilation[axis];
  };
  PLEAT_CHECK(in.halo.top >= conv.pad[0] && last(0, out.height) < in.height + in.halo.bottom);
  PLEAT_CHECK(in.halo.left >= conv.pad[1] && last(1, out.width) < in.width + in.halo.right);
}

}  // namespace

void conv_piece(const BlockedConv& conv, const ConvPiece& piece) { PLEAT_CHOOSE(blocked_conv_piece)(conv, piece); }

void conv(const BlockedConv& conv, ThreadPool& pool) {
  check(conv);
  const std::int64_t sums = conv.out.batch * conv.out.channels * conv.out.height * conv.out.width;
  const auto weights = static_cast<std::int64_t>(packed_conv_elements(conv));
  // Of weights that serve few pixels, four bytes take the time of four multiply-adds.
  const std::int64_t work = sums * conv.depth() + 4 * weights;
  const ConvGrid grid(conv, work < kFewMultiplyAdds ? 1 : pool.threads());
  pool.parallel_for(grid.pieces(), 1, [&](std::int64_t begin, std::int64_t end) {
    grid.for_each(conv, begin, end, [&](const ConvPiece& piece) { conv_piece(conv, piece); });
  });
}

}  // namespace pleat
#endif
