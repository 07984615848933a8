#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace pleat::wire {

/// The file beside a model that holds its larger tensors: equal contents once, each aligned so that a mapping of the
/// file can be used as it is. Refers to the contents, which must outlive it.
class DataLayout {
 public:
  struct Block {
    std::uint64_t offset;
    std::string_view bytes;
  };

  /// `location` is the file's name in the model's folder.
  explicit DataLayout(std::string location) : location_(std::move(location)) {}

  /// The offset at which `bytes` lie.
  std::uint64_t place(std::string_view bytes);

  const std::string& location() const { return location_; }
  /// In the order of their offsets, which leave gaps.
  const std::vector<Block>& blocks() const { return blocks_; }
  std::uint64_t size() const { return size_; }

 private:
  struct Span {
    const char* data;
    std::size_t size;
    bool operator==(const Span&) const = default;
  };
  struct SpanHash {
    std::size_t operator()(const Span& span) const {
      return std::hash<const char*>{}(span.data) ^ (span.size * 0x9e3779b97f4a7c15U);
    }
  };

  std::uint64_t find_or_add(std::string_view bytes);

  std::string location_;
  std::vector<Block> blocks_;
  std::uint64_t size_ = 0;
  std::unordered_map<Span, std::uint64_t, SpanHash> offsets_;     ///< by where the content lies
  std::unordered_multimap<std::uint64_t, std::size_t> contents_;  ///< by hash: positions in blocks_
};

}  // namespace pleat::wire
