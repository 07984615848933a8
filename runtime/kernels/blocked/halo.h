#pragma once

#include <cstdint>

#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/interval.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// The least halo of x with which all taps of a window of two spatial axes lie in x's planes.
Halo padding_halo(const Window& window);

/// Zeroes what of the halo of block `b` of image `n` belongs to `rows`: the pixels left and right of them, the rows
/// above where they begin with row 0, the rows below where they end with the last one. Threads may call it on disjoint
/// rows.
void clear_halo(const Planes& planes, float* memory, std::int64_t n, std::int64_t b, Interval rows);

/// The whole halo of one block.
inline void clear_halo(const Planes& planes, float* memory, std::int64_t n, std::int64_t b) {
  clear_halo(planes, memory, n, b, {0, planes.height});
}

/// Zeroes the lanes beyond `channels` of `rows` of the last block of image `n`.
void clear_spare_lanes(const Planes& planes, float* memory, std::int64_t n, Interval rows);

}  // namespace pleat
