// The lanes of a channel block as Highway vectors. Included once per target, after highway.h: no include guard
// but Highway's toggle.
#if defined(PLEAT_BLOCK_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEAT_BLOCK_INL
#undef PLEAT_BLOCK_INL
#else
#define PLEAT_BLOCK_INL
#endif

#include <algorithm>

#include "runtime/kernels/blocked/bounds.h"
#include "runtime/kernels/blocked/planes.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::CappedTag<float, kChannelBlock>;
using V = hn::Vec<D>;
constexpr std::int64_t kLanes = hn::MaxLanes(D());
constexpr std::int64_t kVectors = kChannelBlock / kLanes;  ///< of one pixel

/// Bounds in registers. x86's maximum and minimum give their second operand where it is NaN or the two are equal.
struct BoundVectors {
  V low, high;
  bool bounds_below, bounds_above;

  explicit HWY_INLINE BoundVectors(const Bounds& bounds)
      : low(hn::Set(D(), bounds.low)),
        high(hn::Set(D(), bounds.high)),
        bounds_below(bounds.low != Bounds().low),
        bounds_above(bounds.high != Bounds().high) {}
  HWY_INLINE V operator()(V x) const { return hn::Min(high, hn::Max(low, x)); }
  /// Leaves out what would change nothing: comparisons take turns with multiply-adds.
  template <int kCount>
  HWY_INLINE void apply(V (&x)[kCount]) const {
    if (bounds_below)
#pragma GCC unroll 32
      for (int i = 0; i < kCount; ++i) x[i] = hn::Max(low, x[i]);
    if (bounds_above)
#pragma GCC unroll 32
      for (int i = 0; i < kCount; ++i) x[i] = hn::Min(high, x[i]);
  }
};

/// All bits of the lanes of a pixel's v-th vector that are below `lanes`, no bit of the others.
HWY_INLINE V lanes_below(std::int64_t lanes, std::int64_t v) {
  const std::int64_t here = std::clamp<std::int64_t>(lanes - v * kLanes, 0, kLanes);
  return hn::VecFromMask(D(), hn::FirstN(D(), static_cast<std::size_t>(here)));
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
