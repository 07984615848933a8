#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/moments.cc"
#include "runtime/kernels/moments.h"

#include <cmath>

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/lane_sum.h"
#include "runtime/kernels/softmax.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/lane_sum_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
struct PlusSquare {
  using V = typename VectorLanes<T>::V;
  V center;
  HWY_INLINE V operator()(V sum, V x) const {
    const auto distance = hn::Sub(x, center);
    return hn::MulAdd(distance, distance, sum);
  }
};

/// Σ (x[i] - mean)²
template <class T>
T squares(const T* x, std::int64_t count, T mean) {
  return sum_lanes(x, count, PlusSquare<T>{hn::Set(hn::ScalableTag<T>(), mean)});
}

template <class T>
void normalize_range(const T* x, T mean, T factor, const T* scale, const T* shift, T* y, std::int64_t count) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto center = hn::Set(d, mean), by = hn::Set(d, factor);
  std::int64_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    const auto value = hn::Mul(hn::Sub(hn::LoadU(d, x + i), center), by);
    const auto start = shift == nullptr ? hn::Zero(d) : hn::LoadU(d, shift + i);
    hn::StoreU(hn::MulAdd(value, hn::LoadU(d, scale + i), start), d, y + i);
  }
  if (i == count) return;
  const auto present = hn::FirstN(d, static_cast<std::size_t>(count - i));
  const auto value = hn::Mul(hn::Sub(hn::MaskedLoad(present, d, x + i), center), by);
  const auto start = shift == nullptr ? hn::Zero(d) : hn::MaskedLoad(present, d, shift + i);
  hn::BlendedStore(hn::MulAdd(value, hn::MaskedLoad(present, d, scale + i), start), present, d, y + i);
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class T>
T squares(const T* x, std::int64_t count, T mean) {
  LaneSum<T> sum;
  for (std::int64_t i = 0; i < count; ++i) sum.add_square(x[i] - mean);
  return sum.total();
}

template <class T>
void normalize_range(const T* x, T mean, T factor, const T* scale, const T* shift, T* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i)
    y[i] = std::fma((x[i] - mean) * factor, scale[i], shift == nullptr ? T{0} : shift[i]);
}

}  // namespace reference

template <class T>
Moments<T> moments(const T* x, std::int64_t count) {
  const T mean = sum(x, count) / static_cast<T>(count);
  return {mean, PLEAT_CHOOSE(squares<T>)(x, count, mean) / static_cast<T>(count)};
}

template <class T>
T mean_square(const T* x, std::int64_t count) {
  return PLEAT_CHOOSE(squares<T>)(x, count, T{0}) / static_cast<T>(count);
}

template <class T>
void normalize_line(const T* x, T mean, T factor, const T* scale, const T* shift, T* y, std::int64_t count) {
  PLEAT_CHOOSE(normalize_range<T>)(x, mean, factor, scale, shift, y, count);
}

template Moments<float> moments(const float*, std::int64_t);
template Moments<double> moments(const double*, std::int64_t);
template float mean_square(const float*, std::int64_t);
template double mean_square(const double*, std::int64_t);
template void normalize_line(const float*, float, float, const float*, const float*, float*, std::int64_t);
template void normalize_line(const double*, double, double, const double*, const double*, double*, std::int64_t);

}  // namespace pleat
#endif
