#pragma once

#include <cstddef>
#include <memory>
#include <mutex>

#include "runtime/base/aligned_buffer.h"

namespace pleat {

/// Memory for the many buffers of one model: packed weights, or what a session works in. They share huge pages, since a
/// run that goes through as much memory in small pages waits for the page table at every one of them. A model that
/// needs little gets small pages, and no more of them than it needs.
///
/// Buffers keep what they lie in alive, so the arena may go first. What one of them took comes back with the last of
/// those beside it. Any thread may call.
class BufferArena {
 public:
  /// As AlignedBuffer(bytes).
  AlignedBuffer take(std::size_t bytes);

 private:
  std::mutex mutex_;
  std::size_t from_heap_ = 0;  ///< bytes taken before there was a region
  std::size_t used_ = 0;       ///< of the region
  std::shared_ptr<AlignedBuffer> region_;
};

}  // namespace pleat
