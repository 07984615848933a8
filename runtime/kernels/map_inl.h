// Applies a function of vectors along an array. Included once per target, after highway.h: no include guard
// but Highway's toggle.
#if defined(PLEAT_MAP_INL) == defined(HWY_TARGET_TOGGLE)
#ifdef PLEAT_MAP_INL
#undef PLEAT_MAP_INL
#else
#define PLEAT_MAP_INL
#endif

#include <cstdint>

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// y[i] = function(x[i]); the last elements go through the same code in a vector of their own.
template <class T, class Function>
HWY_INLINE void map(const T* x, T* y, std::int64_t count, const Function& function) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(function(hn::LoadU(d, x + i)), d, y + i);
  if (i == count) return;
  const auto last = hn::FirstN(d, static_cast<std::size_t>(count - i));
  hn::BlendedStore(function(hn::MaskedLoad(last, d, x + i)), last, d, y + i);
}

/// y[i] = function(a[i], b[i]), likewise.
template <class T, class Function>
HWY_INLINE void map(const T* a, const T* b, T* y, std::int64_t count, const Function& function) {
  namespace hn = hwy::HWY_NAMESPACE;
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) hn::StoreU(function(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, y + i);
  if (i == count) return;
  const auto last = hn::FirstN(d, static_cast<std::size_t>(count - i));
  hn::BlendedStore(function(hn::MaskedLoad(last, d, a + i), hn::MaskedLoad(last, d, b + i)), last, d, y + i);
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
