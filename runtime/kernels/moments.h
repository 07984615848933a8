#pragma once

#include <cstdint>

namespace pleat {

/// Mean and population variance, both summed in the order of LaneSum; the variance sums the squares of x - mean.
template <class T>
struct Moments {
  T mean, variance;
};
template <class T>
Moments<T> moments(const T* x, std::int64_t count);

/// Of the squares of x, summed in the order of LaneSum.
template <class T>
T mean_square(const T* x, std::int64_t count);

/// y[i] = fma((x[i] - mean)·factor, scale[i], shift[i]) for i < count; y may be x. A null shift is 0.
/// T = float or double; same bits on every instruction set, as for moments.
template <class T>
void normalize_line(const T* x, T mean, T factor, const T* scale, const T* shift, T* y, std::int64_t count);

}  // namespace pleat
