#include "runtime/base/buffer_arena.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "runtime/base/pages.h"

namespace pleat {
namespace {

constexpr std::size_t kMostFromHeap = 1 << 20;
/// Of address space; memory is taken as it is touched. Regions double, so that few of them end in half a huge page.
constexpr std::size_t kFirstRegion = 8 << 20;
constexpr std::size_t kLargestRegion = 64 << 20;

}  // namespace

AlignedBuffer BufferArena::take(std::size_t bytes) {
  if (bytes > SIZE_MAX - kHugePage) return AlignedBuffer(bytes);
  const std::lock_guard lock(mutex_);
  if (bytes <= kMostFromHeap - from_heap_) {
    from_heap_ += bytes;
    return AlignedBuffer(bytes);
  }
  if (!region_ || bytes > region_->size() - used_) {
    const std::size_t doubled = region_ ? std::min(2 * region_->size(), kLargestRegion) : kFirstRegion;
    auto region = std::make_shared<AlignedBuffer>(std::max(doubled, round_up(bytes, kHugePage)));
    if (region->failed()) return AlignedBuffer(bytes);
    region_ = std::move(region);
    used_ = 0;
  }
  AlignedBuffer buffer(region_, used_, bytes);
  used_ += round_up(bytes, AlignedBuffer::kAlignment);
  return buffer;
}

}  // namespace pleat
