#include "runtime/image/png.h"

#include <png.h>

#include <cstring>
#include <string>

namespace pleat {
namespace {

/// Frees what libpng keeps of an image half read.
struct Reading {
  png_image image{};
  Reading() { image.version = PNG_IMAGE_VERSION; }
  ~Reading() { png_image_free(&image); }
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
};

Error unreadable(const png_image& image) {
  return Error::invalid("the PNG image cannot be read").saw(image.message).fix("get or save the image again");
}

}  // namespace

bool is_png(std::span<const std::byte> bytes) {
  constexpr unsigned char kSignature[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
  return bytes.size() >= sizeof kSignature && std::memcmp(bytes.data(), kSignature, sizeof kSignature) == 0;
}

Result<Image> decode_png(std::span<const std::byte> bytes) {
  Reading reading;
  png_image& png = reading.image;
  if (png_image_begin_read_from_memory(&png, bytes.data(), bytes.size()) == 0) return fail(unreadable(png));
  if (std::int64_t{png.width} * png.height > kMostPixels)
    return fail(Error::resource("the image is too large")
                    .expect("at most " + std::to_string(kMostPixels) + " pixels")
                    .saw(std::to_string(png.width) + " x " + std::to_string(png.height)));
  png.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  png.format &= PNG_FORMAT_FLAG_COLOR | PNG_FORMAT_FLAG_ALPHA;
  Image image{static_cast<int>(png.height), static_cast<int>(png.width),
              static_cast<int>(PNG_IMAGE_SAMPLE_CHANNELS(png.format)), std::vector<std::uint8_t>(PNG_IMAGE_SIZE(png))};
  if (png_image_finish_read(&png, nullptr, image.samples.data(), 0, nullptr) == 0) return fail(unreadable(png));
  return image;
}

}  // namespace pleat
