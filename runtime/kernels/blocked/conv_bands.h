#pragma once

#include <cstddef>
#include <variant>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/conv.h"
#include "runtime/kernels/blocked/depthwise.h"
#include "runtime/kernels/blocked/pool.h"

namespace pleat {

/// A convolution and what alone reads its result, a depthwise convolution or the largest under each window, band by
/// band: what lies between them stays in the cache and is never whole in memory. The bits are those of one after the
/// other.
///
/// `conv.out` are the planes between them, without a halo, and so are the reader's x_planes. `conv.y` and the reader's
/// x are not used. No addend between the two; conv.groups is 1.
struct ConvBands {
  BlockedConv conv;
  std::variant<DepthwiseProblem, BlockedPooling> reader;
  /// Whether threads share rows, so that a convolution behind finds its own at hand, or channels, as what takes them
  /// one by one (a global pooling) does.
  bool by_rows = true;
};

/// Of scratch, 64-byte aligned.
std::size_t conv_bands_scratch_bytes(const ConvBands& problem, int threads);

void conv_in_bands(const ConvBands& problem, std::byte* scratch, ThreadPool& pool);

}  // namespace pleat
