#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace pleat {

/// Fields of a protobuf message, for what the writer does not offer.
inline std::string wire_varint(std::uint64_t value) {
  std::string bytes;
  for (; value >= 128; value >>= 7) bytes += static_cast<char>(value % 128 + 128);
  return bytes + static_cast<char>(value);
}
inline std::string wire_field(std::uint32_t number, std::string_view bytes) {
  return wire_varint(std::uint64_t{number} * 8 + 2) + wire_varint(bytes.size()) + std::string(bytes);
}
inline std::string wire_field(std::uint32_t number, std::int64_t value) {
  return wire_varint(std::uint64_t{number} * 8) + wire_varint(static_cast<std::uint64_t>(value));
}

}  // namespace pleat
