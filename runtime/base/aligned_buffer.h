#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace pleat {

/// Bytes aligned for the widest vector and padded to a whole number of cache lines, zeroed.
/// Null data with nonzero size means the allocation failed.
class AlignedBuffer {
 public:
  static constexpr std::size_t kAlignment = 64;

  AlignedBuffer() = default;
  explicit AlignedBuffer(std::size_t bytes) : size_(bytes) {
    if (bytes == 0 || bytes > SIZE_MAX - kAlignment) return;
    const std::size_t padded = (bytes + kAlignment - 1) / kAlignment * kAlignment;
    data_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, padded)));
    if (data_) std::memset(data_.get(), 0, padded);
  }

  std::byte* data() { return data_.get(); }
  const std::byte* data() const { return data_.get(); }
  std::size_t size() const { return size_; }
  bool failed() const { return size_ > 0 && !data_; }

 private:
  struct Free {
    void operator()(std::byte* p) const { std::free(p); }
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_ = 0;
};

}  // namespace pleat
