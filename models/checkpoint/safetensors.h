#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "runtime/tensor/dtype.h"

namespace pleat::safetensors {

/// The file: the header's length as 8 little-endian bytes, the header as a JSON object padded with spaces, the data.
/// Offsets count from the first byte of the data, which lies at a multiple of 8 in what we write.
inline constexpr std::size_t kLengthBytes = 8;
inline constexpr std::uint64_t kLongestHeader = 100'000'000;
inline constexpr const char* kMetadataKey = "__metadata__";

/// The format's name of an element type ("F32"), empty where it has none.
std::string_view name_of(DType dtype);
/// kUndefined for unknown names.
DType dtype_named(std::string_view name);

}  // namespace pleat::safetensors
