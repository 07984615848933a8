#pragma once

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// Pooling of NCHW16c planes of two spatial axes, with the bits of the row-major kernels (kernels/pool.h, reduce.h).
/// The halo of x is not read, that of y becomes zeros. No scratch; threads share the rows of y.
struct BlockedPooling {
  Window window;  ///< axis 0 has size 1; in and out are the sizes of the planes
  Planes x_planes, y_planes;
  const float* x = nullptr;
  float* y = nullptr;
  bool count_padding = false;  ///< of an average: the positions in pad_begin and pad_end count too
};

/// The largest element under each window, padding left out; NaN wins. A window wholly in padding gives -infinity.
void max_pool(const BlockedPooling& problem, ThreadPool& pool);

/// Rows of outputs of block `b` of image `n`, on the calling thread.
void max_pool_rows(const BlockedPooling& problem, std::int64_t n, std::int64_t b, Interval rows);

/// The sum under each window in row-major order divided by the number of elements. A window wholly in padding gives 0.
void average_pool(const BlockedPooling& problem, ThreadPool& pool);

/// Each channel's mean over its pixels, summed in the order of LaneSum. `to` has height and width 1; threads share the
/// blocks.
void global_average_pool(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool);

/// Each channel's largest pixel; the last NaN wins.
void global_max_pool(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool);

}  // namespace pleat
