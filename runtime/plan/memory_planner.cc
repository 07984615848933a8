#include "runtime/plan/memory_planner.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>

#include "runtime/base/aligned_buffer.h"

namespace pleat {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

std::size_t round_up(std::size_t bytes) {
  constexpr std::size_t kUnit = AlignedBuffer::kAlignment;
  return (bytes + kUnit - 1) / kUnit * kUnit;
}

/// All blocks side by side must fit the address space; after this no sum can overflow.
Status check_total(std::span<const MemoryRequest> requests) {
  std::size_t left = static_cast<std::size_t>(PTRDIFF_MAX);
  for (const MemoryRequest& request : requests) {
    if (request.bytes > left - std::min(left, AlignedBuffer::kAlignment))
      return fail(Error::resource("the values of the model are too large to address"));
    left -= round_up(request.bytes);
  }
  return {};
}

bool together(const MemoryRequest& a, const MemoryRequest& b) { return a.first <= b.last && b.first <= a.last; }

std::size_t live_peak(std::span<const MemoryRequest> requests) {
  std::map<std::size_t, std::pair<std::size_t, std::size_t>> changes;  // step -> bytes {begun, ended before it}
  for (const MemoryRequest& request : requests) {
    changes[request.first].first += round_up(request.bytes);
    if (request.last != kNone) changes[request.last + 1].second += round_up(request.bytes);
  }
  std::size_t live = 0, peak = 0;
  for (const auto& [step, change] : changes) {
    live = live - change.second + change.first;
    peak = std::max(peak, live);
  }
  return peak;
}

struct Block {
  std::size_t offset;
  std::size_t end;
  const MemoryRequest* request;
};

/// `blocks` are sorted by offset. The tightest gap wins, the lowest among equals; beyond all of them if none fits.
std::size_t best_offset(const std::vector<Block>& blocks, const MemoryRequest& request) {
  const std::size_t size = round_up(request.bytes);
  std::size_t best = kNone, best_gap = kNone, free_from = 0;
  for (const Block& block : blocks) {
    if (!together(*block.request, request)) continue;
    if (block.offset >= free_from) {
      const std::size_t gap = block.offset - free_from;
      if (gap >= size && gap < best_gap) best = free_from, best_gap = gap;
    }
    free_from = std::max(free_from, block.end);
  }
  return best == kNone ? free_from : best;
}

}  // namespace

Result<MemoryPlan> plan_memory(std::span<const MemoryRequest> requests) {
  PLEAT_TRY(check_total(requests));
  std::vector<std::size_t> order(requests.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return requests[a].bytes > requests[b].bytes; });

  MemoryPlan plan;
  plan.offsets.resize(requests.size(), 0);
  plan.live_peak_bytes = live_peak(requests);
  std::vector<Block> blocks;
  for (std::size_t index : order) {
    const MemoryRequest& request = requests[index];
    if (request.bytes == 0) continue;
    const std::size_t offset = best_offset(blocks, request);
    const Block block{offset, offset + round_up(request.bytes), &request};
    const auto at = std::upper_bound(blocks.begin(), blocks.end(), block,
                                     [](const Block& a, const Block& b) { return a.offset < b.offset; });
    blocks.insert(at, block);
    plan.offsets[index] = offset;
    plan.bytes = std::max(plan.bytes, block.end);
  }
  return plan;
}

}  // namespace pleat
