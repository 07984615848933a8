#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "runtime/base/result.h"
#include "runtime/image/image.h"

namespace pleat {

/// Reads an encoded picture: grey ones come with 1 channel, all others with 3 (red, green, blue). What is transparent
/// shows white paper, as people mean it who draw on nothing; 16-bit samples are narrowed; a JPEG's EXIF orientation is
/// applied. PNG is read by libpng (a gAMA chunk that is not sRGB's is honoured); every other format by OpenCV, which is
/// loaded on first need because it takes long to start. Refuses more than kMostPixels. Any thread may call.
Result<Image> decode_image(std::span<const std::byte> bytes);

/// The same from a file.
Result<Image> read_image(const std::string& path);

}  // namespace pleat
