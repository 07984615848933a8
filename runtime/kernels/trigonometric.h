#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// sin x and cos x in correctly rounded operations: x = q·π/2 + r with |r| ≤ π/4 for every finite x, then the Taylor
/// polynomial of r. At most 1 ulp for double (measured by the tests). NaN for infinite x.
double sine(double x);
double cosine(double x);

/// y[i] = f(x[i]) for i < count; y may be x. float goes through double: at most 0.51 ulp.
template <class T>
void sine(const T* x, T* y, std::int64_t count, ThreadPool& pool);
template <class T>
void cosine(const T* x, T* y, std::int64_t count, ThreadPool& pool);

}  // namespace pleat
