#pragma once

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// y[n][row][column][channel], without gaps, of blocked planes; x and y do not overlap.
void to_channels_last(const Planes& planes, const float* x, float* y, ThreadPool& pool);

/// The way back. The halo and spare lanes of y become zeros.
void from_channels_last(const float* x, const Planes& planes, float* y, ThreadPool& pool);

}  // namespace pleat
