#pragma once

#include <cstddef>

namespace pleat {

/// Bytes of the pages that memory comes in.
inline constexpr std::size_t kPage = 4096, kHugePage = 2 << 20;

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace pleat
