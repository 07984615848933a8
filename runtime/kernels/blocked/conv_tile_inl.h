// The register tiles of the blocked convolution: some pixels by some blocks of 16 output channels, summed over the
// whole depth in registers. Included once per target, after highway.h: no include guard but Highway's toggle.
#if defined(PLEAT_CONV_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEAT_CONV_TILE_INL
#undef PLEAT_CONV_TILE_INL
#else
#define PLEAT_CONV_TILE_INL
#endif

#include <array>
#include <cstdint>
#include <utility>

#include "runtime/kernels/blocked/conv_split.h"
#include "runtime/kernels/prefetch.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

/// What the tiles of one convolution share: the walk over the depth, its steps in bytes, and the ends of the sums.
struct ConvWalk {
  std::int64_t in_blocks, last_channels;  ///< blocks of input channels, channels of the last one
  std::int64_t kernel_height, kernel_width;
  std::int64_t block_step, row_step, column_step, channel_step;  ///< of x: input block, kernel row, column, channel
  std::int64_t pixel_step;                                       ///< of x: from a pixel to the next of its row
  std::int64_t weight_step;                                      ///< from an output block's weights to the next one's
  std::int64_t y_step, addend_step;                              ///< elements from an output block to the next
  Interval first_column, last_column;  ///< of the kernel: those that need be summed for the first, last pixel of a row
  bool leaves_padding;                 ///< sums end with 0 added
  enum class End { kStore, kLeast, kBound } end;
  float least, most;
};

struct ConvTile {
  const float* x;
  const float* weights;
  const float* addend;
  float* y;
  const ConvPixel* at;
  Interval rows[2];          ///< of the kernel: those that need be summed for the tile's first row and for its second
  const float* ahead;        ///< weights to come, of as many blocks, to be brought near meanwhile
  std::int64_t ahead_lines;  ///< of those of each block, per tap of a block of channels
  bool resumes;              ///< the sums begin with what y holds
  bool breaks_off;           ///< and end as they are, to be resumed
};

#if HWY_TARGET == HWY_AVX3
inline constexpr int kMostBlocks = 8;
inline constexpr int kUsualBlocks = 2;
inline constexpr int kMostPixels = 14;
inline constexpr std::array<int, 9> kPixelsOfBlocks = {0, 14, 14, 9, 6, 4, 4, 3, 3};
#else
inline constexpr int kMostBlocks = 6;
inline constexpr int kUsualBlocks = 1;
inline constexpr int kMostPixels = 6;
inline constexpr std::array<int, 9> kPixelsOfBlocks = {0, 6, 3, 2, 1, 1, 1, 0, 0};
#endif

/// Keeps the compiler from making more moving values, such as a pointer per pixel, out of one.
template <class T>
HWY_INLINE void opaque(T& moving) {
  asm("" : "+r"(moving));
}

inline constexpr std::int64_t kPixelBytes = kChannelBlock * sizeof(float);

/// Pixels whose pointers fit in the registers.
inline constexpr int kPointers = 9;

struct AllPixels {
  static constexpr bool has(int) { return true; }
};

/// Calls body with the pixels that a tap is summed for: all, or some that include those it reads no padding for.
template <class Pixel, class Body>
HWY_INLINE void for_pixels(const Pixel&, const ConvWalk&, const ConvTile&, std::int64_t, std::int64_t,
                           const Body& body) {
  body(AllPixels());
}

template <int kBlocks, int kPixels>
class ConvSums {
  static constexpr hn::CappedTag<float, kChannelBlock> d = {};
  static constexpr int kLanes = static_cast<int>(hn::MaxLanes(hn::CappedTag<float, kChannelBlock>()));
  static constexpr int kParts = static_cast<int>(kChannelBlock) / kLanes;
  static constexpr int kVectors = kBlocks * kParts;
  using V = hn::Vec<decltype(d)>;

 public:
  template <class Pixel>
  HWY_INLINE void sum(const ConvWalk& walk, const ConvTile& tile, const Pixel& pixel) {
    const char* weights = reinterpret_cast<const char*>(tile.weights);
    fetch_ends(walk, tile, pixel);
    start(walk, tile, pixel);
    weights += kChannelBlock * sizeof(float);
    const char* ahead = reinterpret_cast<const char*>(tile.ahead);
    std::int64_t block = 0;
    for (std::int64_t i = 0; i < walk.in_blocks; ++i, block += walk.block_step) {
      const bool more = i + 1 < walk.in_blocks;
      const std::int64_t channels = more ? kChannelBlock : walk.last_channels;
      std::int64_t row = block;
      for (std::int64_t h = 0; h < walk.kernel_height; ++h, row += walk.row_step) {
        std::int64_t tap = row;
        for (std::int64_t v = 0; v < walk.kernel_width; ++v, tap += walk.column_step) {
          for (std::int64_t line = 0; line < tile.ahead_lines; ++line, ahead += kChannelBlock * sizeof(float))
#pragma GCC unroll 8
            for (int b = 0; b < kBlocks; ++b) __builtin_prefetch(ahead + b * walk.weight_step, kToRead, kToSecondLevel);
          HWY_FENCE;  // What only the outer loops need stays in memory and leaves the registers to the pixels.
          const char* const end = weights + channels * kChannelBlock * static_cast<std::int64_t>(sizeof(float));
          for_pixels(pixel, walk, tile, h, v, [&](auto some) HWY_ATTR {
            const char* at = weights;
            std::int64_t offset = tap;
            auto next = pixel.lines(more ? 0 : kPixels, tap + (more ? walk.block_step : -block));
            do {
              next.fetch_one();
              step<decltype(some)>(walk, at, pixel, offset);
              offset += walk.channel_step;
              opaque(offset);
              at += kChannelBlock * sizeof(float);
            } while (at != end);
          });
          weights = end;
        }
      }
    }
  }

  template <class Pixel>
  HWY_INLINE void finish(const ConvWalk& walk, const ConvTile& tile, const Pixel& pixel) {
    if (!tile.breaks_off) end(walk, tile, pixel);
    float* const first = tile.y;  // Memory would be read again after every store.
    const std::int64_t step = walk.y_step;
#pragma GCC unroll 24
    for (int p = 0; p < kPixels; ++p) {
      float* const y = first + pixel.y(p);
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) hn::StoreU(sums_[p][v], d, y + v / kParts * step + v % kParts * kLanes);
    }
  }

 private:
  template <class Pixel>
  HWY_INLINE void end(const ConvWalk& walk, const ConvTile& tile, const Pixel& pixel) {
    if (walk.leaves_padding) each([&](V& sum, int, int, int) HWY_ATTR { sum = hn::Add(sum, hn::Zero(d)); });
    if (tile.addend != nullptr)
      each([&](V& sum, int p, int b, int part) HWY_ATTR {
        sum = hn::Add(sum, hn::LoadU(d, tile.addend + pixel.addend(p) + b * walk.addend_step + part * kLanes));
      });
    // Of unordered or equal operands x86 gives the second, which makes these at_least and at_most of unary.
    const V least = hn::Set(d, walk.least);
    if (walk.end == ConvWalk::End::kLeast) {
      each([&](V& sum, int, int, int) HWY_ATTR { sum = hn::Max(least, sum); });
    } else if (walk.end == ConvWalk::End::kBound) {
      const V most = hn::Set(d, walk.most);
      each([&](V& sum, int, int, int) HWY_ATTR { sum = hn::Min(most, hn::Max(least, sum)); });
    }
  }

  static HWY_INLINE V load(const char* bytes) { return hn::LoadU(d, reinterpret_cast<const float*>(bytes)); }
  static HWY_INLINE V spread(const char* bytes) { return hn::Set(d, *reinterpret_cast<const float*>(bytes)); }
  static HWY_INLINE V weight(const ConvWalk& walk, const char* weights, int vector) {
    return load(weights + vector / kParts * walk.weight_step +
                vector % kParts * kLanes * static_cast<int>(sizeof(float)));
  }

  /// Asks for the lines the sums will end in, which arrive during the sum.
  template <class Pixel>
  static HWY_INLINE void fetch_ends(const ConvWalk& walk, const ConvTile& tile, const Pixel& pixel) {
#pragma GCC unroll 24
    for (int p = 0; p < kPixels; ++p)
#pragma GCC unroll 16
      for (int b = 0; b < kBlocks; ++b) __builtin_prefetch(tile.y + pixel.y(p) + b * walk.y_step, kToWrite);
    HWY_FENCE;  // Their addresses would be kept, in vector registers, until the end.
  }

  template <class Pixel>
  HWY_INLINE void start(const ConvWalk& walk, const ConvTile& tile, const Pixel& pixel) {
    if (tile.resumes) {
      each([&](V& sum, int p, int b, int part)
               HWY_ATTR { sum = hn::LoadU(d, tile.y + pixel.y(p) + b * walk.y_step + part * kLanes); });
      return;
    }
    const char* bias = reinterpret_cast<const char*>(tile.weights);
#pragma GCC unroll 16
    for (int v = 0; v < kVectors; ++v) {
      const V first = weight(walk, bias, v);
#pragma GCC unroll 24
      for (int p = 0; p < kPixels; ++p) sums_[p][v] = first;
    }
  }

  template <class Some, class Pixel>
  HWY_INLINE void step(const ConvWalk& walk, const char* weights, const Pixel& pixel, std::int64_t offset) {
    if constexpr (kPixels < kVectors) {
      V x[kPixels];
#pragma GCC unroll 24
      for (int p = 0; p < kPixels; ++p) x[p] = spread(pixel.x(p, offset));
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) {
        const V w = weight(walk, weights, v);
#pragma GCC unroll 24
        for (int p = 0; p < kPixels; ++p) sums_[p][v] = hn::MulAdd(x[p], w, sums_[p][v]);
      }
    } else {
      V w[kVectors];
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) w[v] = weight(walk, weights, v);
#pragma GCC unroll 24
      for (int p = 0; p < kPixels; ++p) {
        if (!Some::has(p)) continue;
        const V x = spread(pixel.x(p, offset));
#pragma GCC unroll 16
        for (int v = 0; v < kVectors; ++v) sums_[p][v] = hn::MulAdd(x, w[v], sums_[p][v]);
      }
    }
  }

  template <class Body>
  HWY_INLINE void each(const Body& body) {
#pragma GCC unroll 24
    for (int p = 0; p < kPixels; ++p)
#pragma GCC unroll 16
      for (int v = 0; v < kVectors; ++v) body(sums_[p][v], p, v / kParts, v % kParts);
  }

  V sums_[kPixels][kVectors];
};

/// Where the pixels of a tile lie: x() of one, y() and addend() in elements, and lines() from a pixel on, to be brought
/// near one with every step: those of the next block of channels or, behind the last, of the next tile.

/// Where nothing need be brought near.
struct NoLines {
  HWY_INLINE void fetch_one() {}
};

/// Pixels side by side in x, y and the addend.
struct PixelRun {
  struct Lines {
    const char* line;
    HWY_INLINE void fetch_one() {
      __builtin_prefetch(line);
      line += kPixelBytes;
      opaque(line);
    }
  };
  const char* first;
  HWY_INLINE const char* x(int p, std::int64_t offset) const { return first + offset + p * kPixelBytes; }
  HWY_INLINE Lines lines(int p, std::int64_t offset) const { return {x(p, offset)}; }
  HWY_INLINE std::int64_t y(int p) const { return p * kChannelBlock; }
  HWY_INLINE std::int64_t addend(int p) const { return p * kChannelBlock; }
};

/// Pixels side by side in x alone: one pointer for all, where one each would not fit in the registers.
struct PixelsAcross : PixelRun {
  const ConvPixel* at;
  HWY_INLINE std::int64_t y(int p) const { return at[p].y; }
  HWY_INLINE std::int64_t addend(int p) const { return at[p].addend; }
};

/// Pixels anywhere.
template <int kPixels>
struct PixelSet {
  struct Lines {
    const char* x;
    const ConvPixel* at;
    HWY_INLINE void fetch_one() {
      if constexpr (kPixels > kPointers) {
        __builtin_prefetch(x + at->x * static_cast<std::int64_t>(sizeof(float)));
        ++at;
        opaque(at);
      }
    }
  };
  const char* first[kPixels];
  const char* x_of_group;
  const ConvPixel* at;
  HWY_INLINE Lines lines(int p, std::int64_t offset) const { return {x_of_group + offset, at + p}; }
  HWY_INLINE const char* x(int p, std::int64_t offset) const { return first[p] + offset; }
  HWY_INLINE std::int64_t y(int p) const { return at[p].y; }
  HWY_INLINE std::int64_t addend(int p) const { return at[p].addend; }
};

/// One or two runs of seven pixels, each with equal steps in x: half of a tile's row, or a row of a small plane. Two
/// pointers and three multiples of the step reach them all. Of several taps, whose lines overlap, none need be fetched.
template <int kRuns>
struct PixelSevens {
  const char* first[kRuns];
  std::int64_t step, three, five;
  const ConvPixel* at;
  HWY_INLINE const char* x(int p, std::int64_t offset) const {
    const char* run = first[p / kConvRun] + offset;
    switch (p % kConvRun) {
      case 1: return run + step;
      case 2: return run + 2 * step;
      case 3: return run + three;
      case 4: return run + 4 * step;
      case 5: return run + five;
      case 6: return run + 2 * three;
      default: return run;
    }
  }
  HWY_INLINE NoLines lines(int, std::int64_t) const { return {}; }
  HWY_INLINE std::int64_t y(int p) const { return at[p].y; }
  HWY_INLINE std::int64_t addend(int p) const { return at[p].addend; }
};

template <bool kFirstRun, bool kFirst, bool kLast>
struct SomeOfSevens {
  static constexpr bool has(int p) {
    return (kFirstRun || p >= kConvRun) && (kFirst || p % kConvRun != 0) && (kLast || p % kConvRun != kConvRun - 1);
  }
};

template <bool kFirstRun, class Body>
HWY_INLINE void for_columns(const ConvWalk& walk, std::int64_t v, const Body& body) {
  if (!walk.first_column.contains(v))
    body(SomeOfSevens<kFirstRun, false, true>());
  else if (!walk.last_column.contains(v))
    body(SomeOfSevens<kFirstRun, true, false>());
  else
    body(SomeOfSevens<kFirstRun, true, true>());
}

template <int kRuns, class Body>
HWY_INLINE void for_pixels(const PixelSevens<kRuns>&, const ConvWalk& walk, const ConvTile& tile, std::int64_t h,
                           std::int64_t v, const Body& body) {
  if (tile.rows[0].contains(h))
    for_columns<true>(walk, v, body);
  else if (kRuns == 2 && tile.rows[1].contains(h))
    for_columns<kRuns == 1>(walk, v, body);
}

template <int kBlocks, int kPixels>
void conv_run_tile(const ConvWalk& walk, const ConvTile& tile) {
  ConvSums<kBlocks, kPixels> sums;
  ConvTile moved = tile;
  moved.y += tile.at[0].y;
  if (moved.addend != nullptr) moved.addend += tile.at[0].addend;
  const PixelRun run = {reinterpret_cast<const char*>(tile.x + tile.at[0].x)};
  sums.sum(walk, moved, run);
  sums.finish(walk, moved, run);
}

template <int kBlocks, int kPixels>
void conv_across_tile(const ConvWalk& walk, const ConvTile& tile) {
  ConvSums<kBlocks, kPixels> sums;
  const PixelsAcross across = {{reinterpret_cast<const char*>(tile.x + tile.at[0].x)}, tile.at};
  sums.sum(walk, tile, across);
  sums.finish(walk, tile, across);
}

template <int kBlocks, int kPixels>
void conv_set_tile(const ConvWalk& walk, const ConvTile& tile) {
  ConvSums<kBlocks, kPixels> sums;
  PixelSet<kPixels> set;
#pragma GCC unroll 16
  for (int p = 0; p < kPixels; ++p) set.first[p] = reinterpret_cast<const char*>(tile.x + tile.at[p].x);
  set.x_of_group = reinterpret_cast<const char*>(tile.x);
  set.at = tile.at;
  sums.sum(walk, tile, set);
  sums.finish(walk, tile, set);
}

template <int kBlocks, int kRuns>
void conv_sevens_tile(const ConvWalk& walk, const ConvTile& tile) {
  ConvSums<kBlocks, kRuns * kConvRun> sums;
  PixelSevens<kRuns> sevens = {{}, walk.pixel_step, 3 * walk.pixel_step, 5 * walk.pixel_step, tile.at};
#pragma GCC unroll 2
  for (int r = 0; r < kRuns; ++r) sevens.first[r] = reinterpret_cast<const char*>(tile.x + tile.at[kConvRun * r].x);
  opaque(sevens.step);
  opaque(sevens.three);
  opaque(sevens.five);
  sums.sum(walk, tile, sevens);
  sums.finish(walk, tile, sevens);
}

/// kRows rows of eight neighbours each, x having kLanes lanes: rows of y that are no wider leave most tiles without
/// whole runs, and one pointer per pixel would not fit in the registers.
template <int kRows, int kLanes>
struct EightsOfRows {
  static constexpr int kStep = kLanes * static_cast<int>(sizeof(float));
  const char* first[kRows];
  const ConvPixel* at;
  HWY_INLINE const char* x(int p, std::int64_t offset) const { return first[p / 8] + offset + p % 8 * kStep; }
  HWY_INLINE NoLines lines(int, std::int64_t) const { return {}; }
  HWY_INLINE std::int64_t y(int p) const { return at[p / 8 * 8].y + p % 8 * kChannelBlock; }
  HWY_INLINE std::int64_t addend(int p) const { return at[p / 8 * 8].addend + p % 8 * kChannelBlock; }
};

template <int kRows, int kLanes>
void conv_eights_tile(const ConvWalk& walk, const ConvTile& tile) {
  ConvSums<1, 8 * kRows> sums;
  EightsOfRows<kRows, kLanes> rows;
#pragma GCC unroll 4
  for (int r = 0; r < kRows; ++r) rows.first[r] = reinterpret_cast<const char*>(tile.x + tile.at[8 * r].x);
  rows.at = tile.at;
  sums.sum(walk, tile, rows);
  sums.finish(walk, tile, rows);
}

using ConvTileKernel = void (*)(const ConvWalk&, const ConvTile&);

template <int kBlocks, int kPixels>
constexpr ConvTileKernel across_or_set() {
  if constexpr (kPixels > kPointers)
    return conv_across_tile<kBlocks, kPixels>;
  else
    return conv_set_tile<kBlocks, kPixels>;
}

/// The kernels of one number of blocks by their number of pixels, those there are none of null. Where pixels lie side
/// by side matters to large tiles alone.
struct ConvTileKernels {
  std::array<ConvTileKernel, kMostPixels + 1> run = {}, across = {}, set = {};
  ConvTileKernel seven = nullptr, sevens = nullptr;  ///< of one run of seven and of two
};

template <int kBlocks, int... kPixel>
constexpr ConvTileKernels kernels_of_blocks(std::integer_sequence<int, kPixel...>) {
  ConvTileKernels kernels;
  ((kernels.set[kPixel + 1] = conv_set_tile<kBlocks, kPixel + 1>), ...);
  kernels.run = kernels.across = kernels.set;
  if constexpr (kBlocks <= kUsualBlocks + 1) ((kernels.run[kPixel + 1] = conv_run_tile<kBlocks, kPixel + 1>), ...);
  if constexpr (kBlocks <= kUsualBlocks) ((kernels.across[kPixel + 1] = across_or_set<kBlocks, kPixel + 1>()), ...);
  if constexpr (kBlocks == kUsualBlocks && kMostPixels == 2 * kConvRun) {
    kernels.seven = conv_sevens_tile<kBlocks, 1>;
    kernels.sevens = conv_sevens_tile<kBlocks, 2>;
  }
  return kernels;
}

template <int... kBlock>
constexpr std::array<ConvTileKernels, kMostBlocks + 1> all_conv_tiles(std::integer_sequence<int, kBlock...>) {
  return {ConvTileKernels{},
          kernels_of_blocks<kBlock + 1>(std::make_integer_sequence<int, kPixelsOfBlocks[kBlock + 1]>())...};
}

/// By blocks, then by pixels; both from 1.
inline constexpr auto kConvTiles = all_conv_tiles(std::make_integer_sequence<int, kMostBlocks>());

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
