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

/// Each plane's sum in the order of LaneSum, divided by its size.
template <class T>
void global_average_pool(const T* x, std::int64_t planes, std::int64_t size, T* y, ThreadPool& pool);

}  // namespace pleat
