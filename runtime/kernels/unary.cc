#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/unary.cc"
#include "runtime/kernels/unary.h"

#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/elementary.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/elementary_inl.h"
#include "runtime/kernels/map_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET

template <class T>
using OpsOf = VectorOps<T>;

#include "runtime/kernels/unary_sequences.h"

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

template <class T>
using OpsOf = ScalarOps<T>;

template <class T, class Function>
void map(const T* x, T* y, std::int64_t count, const Function& function) {
  for (std::int64_t i = 0; i < count; ++i) y[i] = function(x[i]);
}

#include "runtime/kernels/unary_sequences.h"

}  // namespace reference

namespace {

/// Elements worth another thread.
constexpr std::int64_t kGrain = 4096;

}  // namespace

template <class T>
void unary(Unary function, T a, T b, const T* x, T* y, std::int64_t count, ThreadPool& pool) {
  const auto rows = PLEAT_CHOOSE(unary_rows<T>);
  pool.parallel_for(count, kGrain, [&](std::int64_t begin, std::int64_t end) {
    rows(function, a, b, x + begin, y + begin, 1, end - begin, 0);
  });
}

void activate(const Activation& f, const float* x, float* y, std::int64_t count) {
  PLEAT_CHOOSE(unary_rows<float>)(f.function, f.a, f.b, x, y, 1, count, 0);
}

template <class T>
void activate_rows(const Activation& f, T* y, std::int64_t rows, std::int64_t columns, std::int64_t step) {
  PLEAT_CHOOSE(unary_rows<T>)(f.function, T{f.a}, T{f.b}, y, y, rows, columns, step);
}

template void activate_rows(const Activation&, float*, std::int64_t, std::int64_t, std::int64_t);
template void activate_rows(const Activation&, double*, std::int64_t, std::int64_t, std::int64_t);
template void unary(Unary, float, float, const float*, float*, std::int64_t, ThreadPool&);
template void unary(Unary, double, double, const double*, double*, std::int64_t, ThreadPool&);

}  // namespace pleat
#endif
