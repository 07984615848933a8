#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// y[a,o,b] = Σ weight[o,t]·x[a,index[o,t],b] over the taps t, for T = float or double: each product is rounded, then
/// added to the sum of those before it. One code for all instruction sets.
template <class T>
struct Resampling {
  std::int64_t outer = 0, in = 0, out = 0, inner = 0;  ///< x[outer,in,inner], y[outer,out,inner]
  std::int64_t taps = 0;
  const std::int64_t* index = nullptr;  ///< [out,taps]
  const double* weight = nullptr;       ///< [out,taps], rounded to T
  const T* x = nullptr;
  T* y = nullptr;
};
template <class T>
void resample(const Resampling<T>& problem, ThreadPool& pool);

}  // namespace pleat
