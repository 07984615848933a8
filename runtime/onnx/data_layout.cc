#include "runtime/onnx/data_layout.h"

#include <cstring>

namespace pleat::wire {
namespace {

constexpr std::uint64_t kAlignment = 64;  ///< of a cache line, and of every element type
constexpr std::uint64_t kPage = 4096;
constexpr std::size_t kPageAligned = std::size_t{1} << 20;

/// Not against an adversary: equal hashes are compared byte by byte.
std::uint64_t hash_of(std::string_view bytes) {
  std::uint64_t lanes[4] = {1, 2, 3, 4};
  const auto mix = [](std::uint64_t state, std::uint64_t word) {
    state = (state ^ word) * 0x9e3779b97f4a7c15U;
    return state ^ (state >> 29);
  };
  std::size_t at = 0;
  for (; at + sizeof lanes <= bytes.size(); at += sizeof lanes) {
    std::uint64_t words[4];
    std::memcpy(words, bytes.data() + at, sizeof words);
    for (int i = 0; i < 4; ++i) lanes[i] = mix(lanes[i], words[i]);
  }
  std::uint64_t hash = bytes.size();
  for (const std::uint64_t lane : lanes) hash = mix(hash, lane);
  for (; at < bytes.size(); ++at) hash = mix(hash, static_cast<unsigned char>(bytes[at]));
  return hash;
}

}  // namespace

std::uint64_t DataLayout::place(std::string_view bytes) {
  const auto [it, is_new] = offsets_.try_emplace({bytes.data(), bytes.size()});
  if (is_new) it->second = find_or_add(bytes);
  return it->second;
}

std::uint64_t DataLayout::find_or_add(std::string_view bytes) {
  const std::uint64_t hash = hash_of(bytes);
  const auto [begin, end] = contents_.equal_range(hash);
  for (auto it = begin; it != end; ++it)
    if (blocks_[it->second].bytes == bytes) return blocks_[it->second].offset;
  const std::uint64_t alignment = bytes.size() < kPageAligned ? kAlignment : kPage;
  const std::uint64_t offset = (size_ + alignment - 1) / alignment * alignment;
  contents_.emplace(hash, blocks_.size());
  blocks_.push_back({offset, bytes});
  size_ = offset + bytes.size();
  return offset;
}

}  // namespace pleat::wire
