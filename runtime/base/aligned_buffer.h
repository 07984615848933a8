#pragma once

#include <cstddef>
#include <memory>

namespace pleat {

/// Bytes aligned for the widest vector and padded to a whole number of cache lines, zeroed.
/// Null data with nonzero size means the allocation failed.
///
/// From kHuge bytes on they are pages of their own, on huge pages where the system grants them: fewer misses of the
/// page table on the way through weights. Such pages take memory from the first time they are touched.
class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = 64;
  static constexpr std::size_t kHuge = 4 << 20;

  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes);
  /// Bytes of `whole` from `offset`, a multiple of kAlignment, on. They keep it alive.
  AlignedBuffer(std::shared_ptr<AlignedBuffer> whole, std::size_t offset, std::size_t bytes);

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  bool failed() const { return size_ > 0 && !data_; }

 private:
  struct Free {
    std::size_t mapped;  ///< bytes of pages to give back; 0 for memory of the heap
    std::shared_ptr<AlignedBuffer> whole;
    void operator()(std::byte* bytes) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace pleat
