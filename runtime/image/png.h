#pragma once

#include <cstddef>
#include <span>

#include "runtime/base/result.h"
#include "runtime/image/image.h"

namespace pleat {

bool is_png(std::span<const std::byte> bytes);

/// The samples as stored, palettes resolved, 8 bits each, alpha kept where there is any.
Result<Image> decode_png(std::span<const std::byte> bytes);

}  // namespace pleat
