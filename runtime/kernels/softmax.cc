#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/softmax.cc"
#include "runtime/kernels/softmax.h"

#include <limits>

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/elementary.h"
#include "runtime/kernels/lane_sum.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/elementary_inl.h"
#include "runtime/kernels/lane_sum_inl.h"
#include "runtime/kernels/map_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

template <class T>
struct Plus {
  using V = typename VectorOps<T>::Value;
  HWY_INLINE V operator()(V sum, V x) const { return hn::Add(sum, x); }
};

template <class T>
struct Minus {
  using V = typename VectorOps<T>::Value;
  V first, second;
  HWY_INLINE V operator()(V x) const { return hn::Sub(hn::Sub(x, first), second); }
};

template <class T>
struct Times {
  using V = typename VectorOps<T>::Value;
  V factor;
  HWY_INLINE V operator()(V x) const { return hn::Mul(x, factor); }
};

/// e^(x - shift), where shift is the largest x.
template <class T>
struct ShiftedExp {
  using V = typename VectorOps<T>::Value;
  V shift;
  HWY_INLINE V operator()(V x) const { return exp_of_negative(VectorOps<T>(), hn::Sub(x, shift)); }
};

template <class T>
struct PlusShiftedExp {
  using V = typename VectorOps<T>::Value;
  ShiftedExp<T> function;
  HWY_INLINE V operator()(V sum, V x) const { return hn::Add(sum, function(x)); }
};

/// NaN never counts as the largest.
template <class T>
HWY_INLINE T largest_of(const T* x, std::int64_t count) {
  const hn::ScalableTag<T> d;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const VectorOps<T> o;
  const auto least = hn::Set(d, -std::numeric_limits<T>::infinity());
  auto largest = least, other = least;
  std::int64_t i = 0;
  for (; i + 2 * lanes <= count; i += 2 * lanes) {
    largest = o.at_least(largest, hn::LoadU(d, x + i));
    other = o.at_least(other, hn::LoadU(d, x + i + lanes));
  }
  for (; i < count; i += lanes) {
    const auto present = hn::FirstN(d, static_cast<std::size_t>(count - i));
    largest = o.at_least(largest, hn::IfThenElse(present, hn::MaskedLoad(present, d, x + i), least));
  }
  alignas(64) T values[hn::MaxLanes(hn::ScalableTag<T>())];
  hn::Store(o.at_least(largest, other), d, values);
  T result = values[0];
  for (std::int64_t lane = 1; lane < lanes; ++lane) result = values[lane] > result ? values[lane] : result;
  return result;
}

template <class T>
T sum_of(const T* x, std::int64_t count) {
  return sum_lanes(x, count, Plus<T>());
}

template <class T>
void softmax_line(const T* x, T* y, std::int64_t count) {
  const VectorOps<T> o;
  map(x, y, count, ShiftedExp<T>{o.set(largest_of(x, count))});
  map(y, y, count, Times<T>{o.set(1 / sum_of(y, count))});
}

template <class T>
void log_softmax_line(const T* x, T* y, std::int64_t count) {
  const VectorOps<T> o;
  const auto largest = o.set(largest_of(x, count));
  const T total = sum_lanes(x, count, PlusShiftedExp<T>{{largest}});
  const auto log_sum = log(o, o.set(total));
  map(x, y, count, Minus<T>{largest, log_sum});
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
T largest_of(const T* x, std::int64_t count) {
  T largest = -std::numeric_limits<T>::infinity();
  for (std::int64_t i = 0; i < count; ++i) largest = x[i] > largest ? x[i] : largest;
  return largest;
}

template <class T>
void softmax_line(const T* x, T* y, std::int64_t count) {
  const T largest = largest_of(x, count);
  for (std::int64_t i = 0; i < count; ++i) y[i] = exp(ScalarOps<T>(), x[i] - largest);
  const T factor = 1 / sum_of(y, count);
  for (std::int64_t i = 0; i < count; ++i) y[i] = y[i] * factor;
}

template <class T>
void log_softmax_line(const T* x, T* y, std::int64_t count) {
  const T largest = largest_of(x, count);
  LaneSum<T> sum;
  for (std::int64_t i = 0; i < count; ++i) sum.add(exp(ScalarOps<T>(), x[i] - largest));
  const T log_sum = log(ScalarOps<T>(), sum.total());
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] - largest - log_sum;
}

}  // namespace reference

template <class T>
T sum(const T* x, std::int64_t count) {
  return PLEAT_CHOOSE(sum_of<T>)(x, count);
}

template <class T>
void softmax(const T* x, T* y, std::int64_t count) {
  PLEAT_CHOOSE(softmax_line<T>)(x, y, count);
}

template <class T>
void log_softmax(const T* x, T* y, std::int64_t count) {
  PLEAT_CHOOSE(log_softmax_line<T>)(x, y, count);
}

template float sum(const float*, std::int64_t);
template double sum(const double*, std::int64_t);
template void softmax(const float*, float*, std::int64_t);
template void softmax(const double*, double*, std::int64_t);
template void log_softmax(const float*, float*, std::int64_t);
template void log_softmax(const double*, double*, std::int64_t);

}  // namespace pleat
#endif
