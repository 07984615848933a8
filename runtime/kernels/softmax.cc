#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/softmax.cc"
#include "runtime/kernels/softmax.h"

#include <limits>

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/elementary.h"
#include "runtime/kernels/lane_sum.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/elementary_inl.h"
#include "runtime/kernels/map_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

/// Σ function(x[i]). The virtual lanes lie in kSumLanes / Lanes(d) vectors. Absent last elements add 0, which changes
/// no lane: lanes start at +0 and so never are -0.
template <class T, class Function>
HWY_INLINE T sum_of_values(const T* x, std::int64_t count, const Function& function) {
  const hn::ScalableTag<T> d;
  constexpr std::size_t kVectors = kSumLanes / hn::MaxLanes(hn::ScalableTag<T>());
  const std::size_t lanes = hn::Lanes(d);
  hn::Vec<decltype(d)> sums[kVectors];
  for (auto& s : sums) s = hn::Zero(d);
  auto left = static_cast<std::size_t>(count);
  for (; left >= kSumLanes; left -= kSumLanes, x += kSumLanes)
    for (std::size_t v = 0; v < kVectors; ++v) sums[v] = hn::Add(sums[v], function(hn::LoadU(d, x + v * lanes)));
  for (std::size_t v = 0; v < kVectors && v * lanes < left; ++v) {
    const auto present = hn::FirstN(d, left - v * lanes);
    const auto value = function(hn::MaskedLoad(present, d, x + v * lanes));
    sums[v] = hn::Add(sums[v], hn::IfThenElseZero(present, value));
  }
  alignas(64) T values[kSumLanes];
  for (std::size_t v = 0; v < kVectors; ++v) hn::Store(sums[v], d, values + v * lanes);
  return combine_lanes(values);
}

template <class T>
struct Same {
  using V = typename VectorOps<T>::Value;
  HWY_INLINE V operator()(V x) const { return x; }
};

template <class T>
struct ShiftedExp {
  using V = typename VectorOps<T>::Value;
  V shift;
  HWY_INLINE V operator()(V x) const { return exp(VectorOps<T>(), hn::Sub(x, shift)); }
};

template <class T>
struct Minus {
  using V = typename VectorOps<T>::Value;
  V first, second;
  HWY_INLINE V operator()(V x) const { return hn::Sub(hn::Sub(x, first), second); }
};

template <class T>
struct DivideBy {
  using V = typename VectorOps<T>::Value;
  V divisor;
  HWY_INLINE V operator()(V x) const { return hn::Div(x, divisor); }
};

template <class T>
T sum_of(const T* x, std::int64_t count) {
  return sum_of_values(x, count, Same<T>());
}

template <class T>
T shifted_exp_sum(const T* x, std::int64_t count, T shift) {
  return sum_of_values(x, count, ShiftedExp<T>{VectorOps<T>().set(shift)});
}

template <class T>
void subtract(const T* x, T* y, std::int64_t count, T first, T second) {
  map(x, y, count, Minus<T>{VectorOps<T>().set(first), VectorOps<T>().set(second)});
}

template <class T>
void shifted_exp(const T* x, T* y, std::int64_t count, T shift) {
  map(x, y, count, ShiftedExp<T>{VectorOps<T>().set(shift)});
}

template <class T>
void divide_by(T* y, std::int64_t count, T divisor) {
  map(y, y, count, DivideBy<T>{VectorOps<T>().set(divisor)});
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class T>
T sum_of(const T* x, std::int64_t count) {
  LaneSum<T> sum;
  for (std::int64_t i = 0; i < count; ++i) sum.add(x[i]);
  return sum.total();
}

template <class T>
T shifted_exp_sum(const T* x, std::int64_t count, T shift) {
  LaneSum<T> sum;
  for (std::int64_t i = 0; i < count; ++i) sum.add(exp(ScalarOps<T>(), x[i] - shift));
  return sum.total();
}

template <class T>
void subtract(const T* x, T* y, std::int64_t count, T first, T second) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] - first - second;
}

template <class T>
void shifted_exp(const T* x, T* y, std::int64_t count, T shift) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = exp(ScalarOps<T>(), x[i] - shift);
}

template <class T>
void divide_by(T* y, std::int64_t count, T divisor) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = y[i] / divisor;
}

}  // namespace reference

template <class T>
T sum(const T* x, std::int64_t count) {
  return PLEAT_CHOOSE(sum_of<T>)(x, count);
}

namespace {

template <class T>
T largest_of(const T* x, std::int64_t count) {
  T largest = -std::numeric_limits<T>::infinity();
  for (std::int64_t i = 0; i < count; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

}  // namespace

template <class T>
void softmax(const T* x, T* y, std::int64_t count) {
  const T largest = largest_of(x, count);
  PLEAT_CHOOSE(shifted_exp<T>)(x, y, count, largest);
  PLEAT_CHOOSE(divide_by<T>)(y, count, sum(y, count));
}

template <class T>
void log_softmax(const T* x, T* y, std::int64_t count) {
  const T largest = largest_of(x, count);
  const T log_sum = reference::log(ScalarOps<T>(), PLEAT_CHOOSE(shifted_exp_sum<T>)(x, count, largest));
  PLEAT_CHOOSE(subtract<T>)(x, y, count, largest, log_sum);
}

template float sum(const float*, std::int64_t);
template double sum(const double*, std::int64_t);
template void softmax(const float*, float*, std::int64_t);
template void softmax(const double*, double*, std::int64_t);
template void log_softmax(const float*, float*, std::int64_t);
template void log_softmax(const double*, double*, std::int64_t);

}  // namespace pleat
#endif
