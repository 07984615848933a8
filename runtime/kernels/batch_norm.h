#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// y[n,c,s] = fma(x[n,c,s] - mean[c], scale[c], shift[c]) over dense x[batch,channels,spatial]; y may be x.
/// With scale = γ / sqrt(variance + ε) this is batch normalization. T = float or double; same bits on every instruction
/// set and thread count.
template <class T>
struct Normalization {
  std::int64_t batch = 0, channels = 0, spatial = 0;
  const T* x = nullptr;
  const T* mean = nullptr;
  const T* scale = nullptr;
  const T* shift = nullptr;
  T* y = nullptr;
};
template <class T>
void normalize(const Normalization<T>& problem, ThreadPool& pool);

/// γ / sqrt(variance + ε), each step rounded to T.
template <class T>
T normalization_scale(T gamma, T variance, T epsilon);

/// Mean and population variance of each channel of dense x[batch,channels,spatial], both in the order of LaneSum over
/// (n, s); the variance sums the squares of x - mean.
template <class T>
void batch_statistics(std::int64_t batch, std::int64_t channels, std::int64_t spatial, const T* x, T* mean, T* variance,
                      ThreadPool& pool);

}  // namespace pleat
