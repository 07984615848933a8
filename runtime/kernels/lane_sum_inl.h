// The sums of lane_sum.h on Highway vectors. Included once per target, after highway.h: no include guard
// but Highway's toggle.
#if defined(PLEAT_LANE_SUM_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEAT_LANE_SUM_INL
#undef PLEAT_LANE_SUM_INL
#else
#define PLEAT_LANE_SUM_INL
#endif

#include "runtime/kernels/lane_sum.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

/// Adds the upper half of a vector's lanes to the lower one until one lane is left.
template <class D>
HWY_INLINE hn::TFromD<D> fold_lanes(D d, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(D()) == 1) {
    return hn::GetLane(v);
  } else {
    const hn::Half<D> half;
    return fold_lanes(half, hn::Add(hn::LowerHalf(half, v), hn::UpperHalf(half, v)));
  }
}

/// The virtual lanes of one sum, which lie in kSumLanes / Lanes(D) vectors.
template <class T>
struct VectorLanes {
  using D = hn::ScalableTag<T>;
  using V = hn::Vec<D>;
  static constexpr std::size_t kLanes = hn::MaxLanes(D());
  static constexpr std::size_t kVectors = kSumLanes / kLanes;
  V sums[kVectors];

  HWY_INLINE void clear() {
    for (V& s : sums) s = hn::Zero(D());
  }
  HWY_INLINE T total() const {
    V folded[kVectors];
    for (std::size_t v = 0; v < kVectors; ++v) folded[v] = sums[v];
    for (std::size_t half = kVectors / 2; half > 0; half /= 2)
      for (std::size_t v = 0; v < half; ++v) folded[v] = hn::Add(folded[v], folded[v + half]);
    return fold_lanes(D(), folded[0]);
  }
};

/// Σ term over x[0..count): add(sum, value) joins a vector of values to their lanes. Absent last elements leave their
/// lanes as they are.
template <class T, class Add>
HWY_INLINE T sum_lanes(const T* x, std::int64_t count, const Add& add) {
  using Lanes = VectorLanes<T>;
  const typename Lanes::D d;
  Lanes lanes;
  lanes.clear();
  auto left = static_cast<std::size_t>(count);
  for (; left >= kSumLanes; left -= kSumLanes, x += kSumLanes)
    for (std::size_t v = 0; v < Lanes::kVectors; ++v)
      lanes.sums[v] = add(lanes.sums[v], hn::LoadU(d, x + v * Lanes::kLanes));
  for (std::size_t v = 0; v < Lanes::kVectors && v * Lanes::kLanes < left; ++v) {
    const auto present = hn::FirstN(d, left - v * Lanes::kLanes);
    const auto more = add(lanes.sums[v], hn::MaskedLoad(present, d, x + v * Lanes::kLanes));
    lanes.sums[v] = hn::IfThenElse(present, more, lanes.sums[v]);
  }
  return lanes.total();
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
