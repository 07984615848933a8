#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// Pooling of `planes` planes, one after the other, each by itself. One code for all instruction sets.

/// The largest element under each window, padding left out; NaN wins. A window wholly in padding gives the lowest value
/// of T. `indices` (may be null) gets the flat position of the first largest in all of x, the positions of a plane
/// being counted with the last axis fastest, or the first where `column_major`. T = float, double, int8 or uint8.
template <class T>
struct MaxPooling {
  Window window;
  std::int64_t planes = 0;
  const T* x = nullptr;
  T* y = nullptr;
  std::int64_t* indices = nullptr;
  bool column_major = false;
};
template <class T>
void max_pool(const MaxPooling<T>& problem, ThreadPool& pool);

/// The sum under each window in row-major order, started from the first element, divided by the number of elements;
/// with `count_padding` the positions in pad_begin and pad_end count too. A window wholly in padding gives 0.
template <class T>
struct AveragePooling {
  Window window;
  std::int64_t planes = 0;
  const T* x = nullptr;
  T* y = nullptr;
  bool count_padding = false;
};
template <class T>
void average_pool(const AveragePooling<T>& problem, ThreadPool& pool);

/// (Σ|x|^p)^(1/p) under each window, padding left out: powers by whole_power, each rounded and then added in row-major
/// order, the root by positive_power but for p = 1 and, by square root, p = 2. p ≥ 1.
template <class T>
struct PowerPooling {
  Window window;
  std::int64_t planes = 0;
  std::int64_t p = 2;
  const T* x = nullptr;
  T* y = nullptr;
};
template <class T>
void power_pool(const PowerPooling<T>& problem, ThreadPool& pool);

/// Each plane's sum in the order of LaneSum, divided by its size.
template <class T>
void global_average_pool(const T* x, std::int64_t planes, std::int64_t size, T* y, ThreadPool& pool);

}  // namespace pleat
