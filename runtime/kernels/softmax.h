#pragma once

#include <cstdint>

namespace pleat {

/// The sum of x[0..count) in the order of LaneSum. Same bits on every instruction set.
template <class T>
T sum(const T* x, std::int64_t count);

/// y[i] = e^(x[i]-m) · (1 / Σ e^(x[j]-m)) with m the largest x, the sum in the order of LaneSum; y may be x.
/// T = float or double; same bits on every instruction set.
template <class T>
void softmax(const T* x, T* y, std::int64_t count);

/// y[i] = (x[i] - m) - ln Σ e^(x[j]-m), under the same rules.
template <class T>
void log_softmax(const T* x, T* y, std::int64_t count);

}  // namespace pleat
