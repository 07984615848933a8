#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/function_ref.h"

namespace pleat::wire {

/// Encodes the fields of one message in the order of the calls. Long runs of bytes are referred to, not copied, so
/// that weights are never held twice: text and bytes given to it must outlive it.
class ProtoWriter {
 public:
  void text(std::uint32_t number, std::string_view value) {
    if (!value.empty()) bytes(number, value);
  }
  void nonzero(std::uint32_t number, std::int64_t value) {
    if (value != 0) integer(number, value);
  }
  void bytes(std::uint32_t number, std::string_view value);
  void integer(std::uint32_t number, std::int64_t value);
  void float32(std::uint32_t number, float value);
  /// Fields that are encoded already.
  void raw(std::string_view fields);
  /// A field that is a message, of what `fill` writes; one without content is written too, for it may mean something.
  void message(std::uint32_t number, FunctionRef<void()> fill);

  std::size_t size() const { return copied_.size() + referred_bytes_; }
  /// All bytes, in pieces.
  void for_each_piece(FunctionRef<void(std::string_view)> visit) const;

 private:
  struct Referred {
    std::size_t at;  ///< the position in copied_ before which it stands
    std::string_view bytes;
  };

  void varint(std::uint64_t value);
  void key(std::uint32_t number, std::uint32_t wire_type) { varint(std::uint64_t{number} << 3 | wire_type); }

  std::string copied_;
  std::vector<Referred> referred_;
  std::size_t referred_bytes_ = 0;
};

}  // namespace pleat::wire
