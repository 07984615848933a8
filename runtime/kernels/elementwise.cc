#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/elementwise.cc"
#include "runtime/kernels/elementwise.h"

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/elementary.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/elementary_inl.h"
#include "runtime/kernels/map_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

template <class T>
struct Relu {
  using V = typename VectorOps<T>::Value;
  HWY_INLINE V operator()(V x) const {
    const V zero = VectorOps<T>().set(T{0});
    return VectorOps<T>().if_less(x, zero, zero, x);
  }
};

template <class T>
struct Exp {
  using V = typename VectorOps<T>::Value;
  HWY_INLINE V operator()(V x) const { return exp(VectorOps<T>(), x); }
};

template <class T>
struct Sigmoid {
  using V = typename VectorOps<T>::Value;
  HWY_INLINE V operator()(V x) const { return sigmoid(VectorOps<T>(), x); }
};

template <class T>
void relu_range(const T* x, T* y, std::int64_t count) {
  map(x, y, count, Relu<T>());
}
template <class T>
void exp_range(const T* x, T* y, std::int64_t count) {
  map(x, y, count, Exp<T>());
}
template <class T>
void sigmoid_range(const T* x, T* y, std::int64_t count) {
  map(x, y, count, Sigmoid<T>());
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class T>
void relu_range(const T* x, T* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = x[i] < T{0} ? T{0} : x[i];
}
template <class T>
void exp_range(const T* x, T* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = exp(ScalarOps<T>(), x[i]);
}
template <class T>
void sigmoid_range(const T* x, T* y, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = sigmoid(ScalarOps<T>(), x[i]);
}

}  // namespace reference

namespace {

/// Elements worth another thread.
constexpr std::int64_t kGrain = 4096;

template <class T>
void split(void (*range)(const T*, T*, std::int64_t), const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  pool.parallel_for(count, kGrain,
                    [&](std::int64_t begin, std::int64_t end) { range(x + begin, y + begin, end - begin); });
}

}  // namespace

template <class T>
void relu(const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  split(PLEAT_CHOOSE(relu_range<T>), x, y, count, pool);
}
template <class T>
void exponential(const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  split(PLEAT_CHOOSE(exp_range<T>), x, y, count, pool);
}
template <class T>
void sigmoid(const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  split(PLEAT_CHOOSE(sigmoid_range<T>), x, y, count, pool);
}

template void relu(const float*, float*, std::int64_t, ThreadPool&);
template void relu(const double*, double*, std::int64_t, ThreadPool&);
template void exponential(const float*, float*, std::int64_t, ThreadPool&);
template void exponential(const double*, double*, std::int64_t, ThreadPool&);
template void sigmoid(const float*, float*, std::int64_t, ThreadPool&);
template void sigmoid(const double*, double*, std::int64_t, ThreadPool&);

}  // namespace pleat
#endif
