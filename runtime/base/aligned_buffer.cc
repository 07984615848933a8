#include "runtime/base/aligned_buffer.h"

#include <sys/mman.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "runtime/base/pages.h"

namespace pleat {
namespace {

/// Zeroed pages from a huge page's boundary on. The last part of a huge page stays in small ones, so that a buffer
/// takes no more memory than it has bytes.
std::byte* map_pages(std::size_t bytes) {
  if (bytes > SIZE_MAX - kHugePage) return nullptr;
  void* const mapped = ::mmap(nullptr, bytes + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  auto* const first = static_cast<std::byte*>(mapped);
  const auto address = reinterpret_cast<std::uintptr_t>(first);
  const std::size_t before = round_up(address, kHugePage) - address;
  if (before > 0) ::munmap(first, before);
  if (before < kHugePage) ::munmap(first + before + bytes, kHugePage - before);
  ::madvise(first + before, bytes, MADV_HUGEPAGE);  // a kernel without huge pages refuses; small ones do
  return first + before;
}

}  // namespace

AlignedBuffer::AlignedBuffer(std::size_t bytes) : size_(bytes) {
  if (bytes == 0 || bytes > SIZE_MAX - kPage) return;
  if (bytes >= kHuge) {
    const std::size_t mapped = round_up(bytes, kPage);
    data_ = {map_pages(mapped), Free{mapped, nullptr}};
    return;
  }
  const std::size_t padded = round_up(bytes, kAlignment);
  data_ = {static_cast<std::byte*>(std::aligned_alloc(kAlignment, padded)), Free{0, nullptr}};
  if (data_) std::memset(data_.get(), 0, padded);
}

AlignedBuffer::AlignedBuffer(std::shared_ptr<AlignedBuffer> whole, std::size_t offset, std::size_t bytes)
    : data_{whole->data() + offset, Free{0, std::move(whole)}}, size_(bytes) {}

void AlignedBuffer::Free::operator()(std::byte* bytes) const {
  if (whole) return;
  if (mapped > 0)
    ::munmap(bytes, mapped);
  else
    std::free(bytes);
}

}  // namespace pleat
