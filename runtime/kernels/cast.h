#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/tensor/dtype.h"

namespace pleat {

/// Real numbers of any size: floats of 16 to 64 bits, integers and bool.
bool is_castable(DType dtype);

/// y[i] = x[i] as another castable type. Floats round once, to nearest even (from 64-bit integers to 16-bit floats by
/// way of double). Floats become integers by cutting the fraction off; beyond the range they become its nearest end,
/// NaN becomes 0. Integers wrap into narrower ones. All but 0 is true.
void cast_elements(DType from, const void* x, DType to, void* y, std::int64_t count, ThreadPool& pool);

}  // namespace pleat
