#pragma once

#include <cstddef>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/conv.h"
#include "runtime/kernels/blocked/depthwise.h"

namespace pleat {

/// A convolution and the depthwise one that reads its result, band by band: what lies between them stays in the cache
/// and is never whole in memory. The bits are those of one after the other.
///
/// `expand.out` are the planes between them, without a halo, and so is `depthwise.x_planes`. `expand.y` and
/// `depthwise.x` are not used. No addend between the two; expand.groups is 1.
struct ExpandDepthwise {
  BlockedConv expand;
  DepthwiseProblem depthwise;
};

/// Of scratch, 64-byte aligned.
std::size_t expand_depthwise_scratch_bytes(const ExpandDepthwise& problem, int threads);

void expand_depthwise(const ExpandDepthwise& problem, std::byte* scratch, ThreadPool& pool);

}  // namespace pleat
