#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "runtime/base/result.h"

namespace pleat {

/// A block of bytes needed from step `first` to step `last`, both included.
struct MemoryRequest {
  std::size_t bytes = 0;
  std::size_t first = 0;
  std::size_t last = 0;
};

struct MemoryPlan {
  std::vector<std::size_t> offsets;  ///< one per request, multiples of 64; blocks needed at one step never overlap
  std::size_t bytes = 0;             ///< the arena that holds them all
  std::size_t live_peak_bytes = 0;  ///< most bytes needed at one step, blocks rounded up to 64: no arena can be smaller
};

/// Greedy by size: the largest block first, each into the tightest gap between the blocks it must not overlap.
/// A pure function of its input; equal sizes keep their order. Fails with kResource where sizes overflow.
Result<MemoryPlan> plan_memory(std::span<const MemoryRequest> requests);

}  // namespace pleat
