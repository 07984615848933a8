#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// y[n,c,s] = x[n,c,s] / (bias + alpha / size · Σ x[n,i,s]²)^beta over channels i from c - ⌊(size-1)/2⌋ to
/// c + ⌈(size-1)/2⌉ that exist, ascending, each square rounded and then added, for T = float or double. The power is
/// e^(beta·ln ·) in double.
template <class T>
struct LocalResponse {
  std::int64_t batch = 0, channels = 0, spatial = 0;
  std::int64_t size = 1;
  T alpha, beta, bias;
  const T* x = nullptr;
  T* y = nullptr;
};
template <class T>
void normalize_local_response(const LocalResponse<T>& problem, ThreadPool& pool);

}  // namespace pleat
