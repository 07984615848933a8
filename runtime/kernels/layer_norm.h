#pragma once

#include <cstdint>

namespace pleat {

/// For each of `lines` lines of `length` values: y = fma((x - mean)·factor, scale, shift) with the mean and variance of
/// moments.h and factor = 1 / √(variance + epsilon). Lines lie one behind the other; y may be x. A null shift is 0.
/// T = float or double, on the calling thread; same bits on every instruction set and for any division into calls.
template <class T>
struct LayerNorm {
  std::int64_t lines, length;
  const T* x;
  const T* scale;  ///< `length` values, as shift
  const T* shift;
  T epsilon;
  T* y;
};
template <class T>
void layer_norm(const LayerNorm<T>& norm);

}  // namespace pleat
