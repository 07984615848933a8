#pragma once

#include <cstddef>

#include "runtime/base/function_ref.h"
#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/conv.h"

namespace pleat {

/// Makes `rows` of block `b` of image `n` in `planes`, whose pixel (0, 0) of block 0 and image 0 would lie at `x`.
using MakeRows = FunctionRef<void(const Planes& planes, float* x, std::int64_t n, std::int64_t b, Interval rows)>;

/// A 1×1 convolution of stride 1, without padding, whose input is made some rows at a time and so stays in the cache,
/// never whole in memory. The bits are those of the convolution after all rows were made. conv.in has no halo and
/// conv.x is not used; conv.groups is 1.
///
/// Each thread makes what it reads, so rows may be made more than once; `make` is called on any thread.
void conv_of_rows(const BlockedConv& conv, MakeRows make, std::byte* scratch, ThreadPool& pool);

/// Of scratch, 64-byte aligned.
std::size_t conv_of_rows_scratch_bytes(const BlockedConv& conv, int threads);

}  // namespace pleat
