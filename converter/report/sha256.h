#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "runtime/base/result.h"

namespace pleat {

/// The hash of FIPS 180-4, section 6.2, fed piece by piece.
class Sha256 {
 public:
  void add(std::span<const std::byte> bytes);
  void add(std::string_view bytes) { add(std::as_bytes(std::span(bytes.data(), bytes.size()))); }

  /// 64 hexadecimal digits, of all that was added.
  std::string hex() const;

 private:
  void compress(const std::byte* block);

  std::array<std::uint32_t, 8> state_{0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                      0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  std::array<std::byte, 64> rest_{};
  std::uint64_t size_ = 0;
};

std::string sha256(std::string_view bytes);

struct FileHash {
  std::string sha256;
  std::uint64_t bytes = 0;
};

/// Reads the file piece by piece, so that memory does not grow with it.
Result<FileHash> hash_file(const std::string& path);

}  // namespace pleat
