#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// y[i] = f(x[i]) for i < count, T = float or double; y may be x. Same bits on every instruction set.

/// x < 0 ? 0 : x, so NaN and -0 stay.
template <class T>
void relu(const T* x, T* y, std::int64_t count, ThreadPool& pool);

/// As reference::exp and reference::sigmoid in elementary.h, where the formulas and bounds stand.
template <class T>
void exponential(const T* x, T* y, std::int64_t count, ThreadPool& pool);
template <class T>
void sigmoid(const T* x, T* y, std::int64_t count, ThreadPool& pool);

}  // namespace pleat
