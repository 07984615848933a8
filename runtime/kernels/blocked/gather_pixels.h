#pragma once

#include <cstdint>
#include <span>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// y[n,c,i,j] = x[n,c,rows[i],columns[j]], or `fill` where one of the two is kFilled. Planes have equal batch, channels
/// and lanes and any halo; that of y is written as zeros. x and y do not overlap. The same bits for any pool.
struct PixelGather {
  static constexpr std::int64_t kFilled = -1;

  Planes x_planes, y_planes;
  std::span<const std::int64_t> rows, columns;  ///< y_planes.height and y_planes.width of them
  const float* x = nullptr;
  float fill = 0;
  float* y = nullptr;
};
void gather_pixels(const PixelGather& gather, ThreadPool& pool);

}  // namespace pleat
