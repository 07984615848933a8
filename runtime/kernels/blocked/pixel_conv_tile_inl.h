// The register tiles of the convolution with pixels in lanes: some output channels by one or two vectors of some rows,
// summed over the whole depth in registers. Included once per target, after highway.h: no include guard but Highway's
// toggle.
#if defined(PLEAT_PIXEL_CONV_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEAT_PIXEL_CONV_TILE_INL
#undef PLEAT_PIXEL_CONV_TILE_INL
#else
#define PLEAT_PIXEL_CONV_TILE_INL
#endif

#include <algorithm>
#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

#if HWY_TARGET == HWY_AVX3
inline constexpr int kMostPixelChannels = 8;
/// Vectors of pixels that fit in the registers, by output channels.
inline constexpr int kPixelVectors[] = {0, 8, 8, 6, 6, 4, 4, 3, 3};
#else
inline constexpr int kMostPixelChannels = 6;
inline constexpr int kPixelVectors[] = {0, 8, 6, 4, 2, 2, 2};
#endif

/// What all tiles of a convolution share; steps of x and of the weights are in bytes.
struct PixelWalk {
  std::int64_t in_blocks, last_channels;  ///< blocks of input channels, channels of the last one
  std::int64_t kernel_height, kernel_width;
  std::int64_t block_step, row_step, column_step, channel_step;
  std::int64_t weight_step;
  std::int64_t y_step;  ///< elements from an output channel to the next
  enum class End { kStore, kLeast, kBound, kSlope } end;
  float a, b;  ///< kBound: least and most; kSlope: a below zero
};

/// Rows at some column. Those beyond the last one repeat it, which changes nothing: a tile reads all it needs before
/// it writes.
struct PixelTile {
  static constexpr int kMostRows = 8;
  const char* x[kMostRows];
  const float* weights;  ///< of the first output channel
  const float* bias;
  const float* addend;  ///< that of y[0]; null adds nothing
  float* y;
  std::int64_t rows[kMostRows];  ///< elements of y before each row
  std::int64_t tail;             ///< pixels in the last vector of a row
};

/// Tiles of kFull whole vectors (0 or 1) and a last one in each row. DTail tells the width of the last one.
template <int kChannels, int kFull, class DTail>
class PixelSums {
  static constexpr hn::ScalableTag<float> d = {};
  static constexpr DTail dt = {};
  static constexpr std::int64_t kLanes = hn::MaxLanes(hn::ScalableTag<float>());
  using V = hn::Vec<hn::ScalableTag<float>>;
  using VTail = hn::Vec<DTail>;

 public:
  static constexpr int kRows = kPixelVectors[kChannels] / (kFull + 1) > 0 ? kPixelVectors[kChannels] / (kFull + 1) : 1;

  HWY_INLINE explicit PixelSums(const PixelTile& tile) : present_(hn::FirstN(dt, static_cast<std::size_t>(tile.tail))) {
#pragma GCC unroll 8
    for (int c = 0; c < kChannels; ++c) {
      const V first = hn::Set(d, tile.bias[c]);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        if constexpr (kFull > 0) full_[r][c] = first;
        tail_[r][c] = narrow(first);
      }
    }
  }

  HWY_INLINE void sum(const PixelWalk& walk, const PixelTile& tile) {
    const char* x[kRows];
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) x[r] = tile.x[r];
    const char* weights = reinterpret_cast<const char*>(tile.weights);
    std::int64_t block = 0;
    for (std::int64_t i = 0; i < walk.in_blocks; ++i, block += walk.block_step) {
      const std::int64_t channels = i + 1 < walk.in_blocks ? kChannelBlock : walk.last_channels;
      std::int64_t row = block;
      for (std::int64_t h = 0; h < walk.kernel_height; ++h, row += walk.row_step) {
        std::int64_t tap = row;
        for (std::int64_t v = 0; v < walk.kernel_width; ++v, tap += walk.column_step) {
          std::int64_t offset = tap;
          const char* const end = weights + channels * walk.weight_step;
          do {
            step(weights, x, offset);
            offset += walk.channel_step;
            // Keeps the compiler from making one moving pointer per row out of one moving offset.
            asm("" : "+r"(offset));
            weights += walk.weight_step;
          } while (weights != end);
        }
      }
    }
  }

  HWY_INLINE void finish(const PixelWalk& walk, const PixelTile& tile) {
    if (tile.addend != nullptr)
      each([&](auto part, auto& sum, int r, int c)
               HWY_ATTR { sum = hn::Add(sum, load(part, tile.addend + tile.rows[r] + c * walk.y_step)); });
    // Of unordered or equal operands x86 gives the second, which makes these at_least and at_most of unary.
    if (walk.end == PixelWalk::End::kLeast || walk.end == PixelWalk::End::kBound)
      each([&](auto part, auto& sum, int, int) HWY_ATTR { sum = hn::Max(hn::Set(part.d, walk.a), sum); });
    if (walk.end == PixelWalk::End::kBound)
      each([&](auto part, auto& sum, int, int) HWY_ATTR { sum = hn::Min(hn::Set(part.d, walk.b), sum); });
    if (walk.end == PixelWalk::End::kSlope)
      each([&](auto part, auto& sum, int, int) HWY_ATTR {
        sum = hn::IfThenElse(hn::Lt(sum, hn::Zero(part.d)), hn::Mul(hn::Set(part.d, walk.a), sum), sum);
      });
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
      for (int c = 0; c < kChannels; ++c) {
        float* y = tile.y + tile.rows[r] + c * walk.y_step;
        if constexpr (kFull > 0) hn::StoreU(full_[r][c], d, y);
        y += kFull * kLanes;
        if (tile.tail == static_cast<std::int64_t>(hn::MaxLanes(dt)))
          hn::StoreU(tail_[r][c], dt, y);
        else
          hn::BlendedStore(tail_[r][c], present_, dt, y);
      }
  }

 private:
  static HWY_INLINE VTail narrow(V v) {
    if constexpr (hn::MaxLanes(DTail()) == hn::MaxLanes(hn::ScalableTag<float>()))
      return v;
    else
      return hn::LowerHalf(dt, v);
  }

  /// The whole vector of a row and its last one; `from` is the first pixel of the row.
  struct Full {
    static constexpr hn::ScalableTag<float> d = {};
  };
  struct Tail {
    static constexpr DTail d = {};
  };
  HWY_INLINE V load(Full, const float* from) const { return hn::LoadU(d, from); }
  HWY_INLINE VTail load(Tail, const float* from) const { return hn::MaskedLoad(present_, dt, from + kFull * kLanes); }

  template <class Body>
  HWY_INLINE void each(const Body& body) {
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r)
#pragma GCC unroll 8
      for (int c = 0; c < kChannels; ++c) {
        if constexpr (kFull > 0) body(Full(), full_[r][c], r, c);
        body(Tail(), tail_[r][c], r, c);
      }
  }

  /// One step of all chains; the fewer of pixels and weights stay in registers for it.
  HWY_INLINE void step(const char* weights, const char* const* x, std::int64_t offset) {
    const float* w = reinterpret_cast<const float*>(weights);
    const auto row = [&](int r) HWY_ATTR { return reinterpret_cast<const float*>(x[r] + offset); };
    if constexpr (kRows * (kFull + 1) <= kChannels) {
      V full[kRows];
      VTail tail[kRows];
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        if constexpr (kFull > 0) full[r] = load(Full(), row(r));
        tail[r] = load(Tail(), row(r));
      }
#pragma GCC unroll 8
      for (int c = 0; c < kChannels; ++c) {
        const V weight = hn::Set(d, w[c]);
#pragma GCC unroll 8
        for (int r = 0; r < kRows; ++r) {
          if constexpr (kFull > 0) full_[r][c] = hn::MulAdd(full[r], weight, full_[r][c]);
          tail_[r][c] = hn::MulAdd(tail[r], narrow(weight), tail_[r][c]);
        }
      }
    } else {
      V weight[kChannels];
#pragma GCC unroll 8
      for (int c = 0; c < kChannels; ++c) weight[c] = hn::Set(d, w[c]);
#pragma GCC unroll 8
      for (int r = 0; r < kRows; ++r) {
        if constexpr (kFull > 0) {
          const V full = load(Full(), row(r));
#pragma GCC unroll 8
          for (int c = 0; c < kChannels; ++c) full_[r][c] = hn::MulAdd(full, weight[c], full_[r][c]);
        }
        const VTail tail = load(Tail(), row(r));
#pragma GCC unroll 8
        for (int c = 0; c < kChannels; ++c) tail_[r][c] = hn::MulAdd(tail, narrow(weight[c]), tail_[r][c]);
      }
    }
  }

  V full_[kRows][kFull > 0 ? kChannels : 1];
  VTail tail_[kRows][kChannels];
  hn::Mask<DTail> present_;
};

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
