// Tiles of neighbouring outputs of one row, held in registers. Included once per target, after block_inl.h: no include
// guard but Highway's toggle.
#if defined(PLEAT_TILE_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEAT_TILE_INL
#undef PLEAT_TILE_INL
#else
#define PLEAT_TILE_INL
#endif

#include <algorithm>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// Where a tile of outputs lies: from `row` and `output` on, `lane` being the first of the vector's. The first `skip`
/// outputs are those of another tile.
struct TileAt {
  std::int64_t row, output, lane, skip;

  HWY_INLINE std::int64_t y(std::int64_t row_step) const { return row * row_step + output * kChannelBlock + lane; }
};

/// Adds the addend of `r` (rows of outputs, as DepthwiseRows), bounds the sums and stores them.
template <int kOutputs, class Rows>
HWY_INLINE void finish(V (&sum)[kOutputs], const Rows& r, const TileAt& at) {
  const D d;
  if (r.addend != nullptr) {
    const float* addend = r.addend + at.y(r.addend_row);
#pragma GCC unroll 16
    for (int t = 0; t < kOutputs; ++t) sum[t] = hn::Add(sum[t], hn::Load(d, addend + t * kChannelBlock));
  }
  BoundVectors(r.bounds).apply(sum);
  float* y = r.y + at.y(r.y_row);
  if (at.skip == 0) {
#pragma GCC unroll 16
    for (int t = 0; t < kOutputs; ++t) hn::Store(sum[t], d, y + t * kChannelBlock);
    return;
  }
#pragma GCC unroll 16
  for (int t = 0; t < kOutputs; ++t)
    if (t >= at.skip) hn::Store(sum[t], d, y + t * kChannelBlock);
}

/// The width of tiles, one of `tiles`, with the least work for a row; sums of fewer than 7 wait for one another.
template <std::size_t kCount>
int tile_outputs(const int (&tiles)[kCount], std::int64_t outputs) {
  int best = 1;
  std::int64_t least = outputs * 7;
  for (int t : tiles) {
    const std::int64_t work = (outputs + t - 1) / t * std::max(t, 7);
    if (t <= outputs && work < least) {
      best = t;
      least = work;
    }
  }
  return best;
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
