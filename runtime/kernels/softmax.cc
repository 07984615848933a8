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
  return hn::GetLane(hn::MaxOfLanes(d, o.at_least(largest, other)));
}

/// y[i] = function(x[i]), and their sum.
template <class T, class Function>
HWY_INLINE T map_and_sum(const T* x, T* y, std::int64_t count, const Function& function) {
  using Lanes = VectorLanes<T>;
  const typename Lanes::D d;
  constexpr auto kStep = static_cast<std::int64_t>(Lanes::kLanes);
  constexpr auto kBlock = static_cast<std::int64_t>(kSumLanes);
  Lanes lanes;
  lanes.clear();
  std::int64_t i = 0;
  for (; i + kBlock <= count; i += kBlock)
    for (std::size_t v = 0; v < Lanes::kVectors; ++v) {
      const std::int64_t at = i + static_cast<std::int64_t>(v) * kStep;
      const auto value = function(hn::LoadU(d, x + at));
      hn::StoreU(value, d, y + at);
      lanes.sums[v] = hn::Add(lanes.sums[v], value);
    }
  for (std::size_t v = 0; i < count; ++v, i += kStep) {
    const auto present = hn::FirstN(d, static_cast<std::size_t>(count - i));
    const auto value = function(hn::MaskedLoad(present, d, x + i));
    hn::BlendedStore(value, present, d, y + i);
    lanes.sums[v] = hn::IfThenElse(present, hn::Add(lanes.sums[v], value), lanes.sums[v]);
  }
  return lanes.total();
}

template <class T>
T sum_of(const T* x, std::int64_t count) {
  return sum_lanes(x, count, Plus<T>());
}

template <class T>
void softmax_line(const T* x, T* y, std::int64_t count) {
  const VectorOps<T> o;
  const T total = map_and_sum(x, y, count, ShiftedExp<T>{o.set(largest_of(x, count))});
  map(y, y, count, Times<T>{o.set(1 / total)});
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
