#pragma once

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"

namespace pleat {

/// y = x in another layout: `from` and `to` are alike but for lanes and halo. The halo of y and its lanes beyond the
/// channels become zeros; those of x are not read. x and y do not overlap. No scratch; threads share the rows.
void reorder(const Planes& from, const float* x, const Planes& to, float* y, ThreadPool& pool);

}  // namespace pleat
