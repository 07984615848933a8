#include "runtime/image/decode.h"

#include <cstdlib>
#include <mutex>

#include "runtime/base/files.h"
#include "runtime/base/shared_module.h"
#include "runtime/image/imgcodecs/imgcodecs.h"
#include "runtime/image/png.h"

namespace pleat {
namespace {

/// OpenCV reads its limit once, from the environment, while it is being loaded; a stricter one is left alone.
void limit_opencv() {
  static std::once_flag once;
  std::call_once(once, [] { ::setenv("OPENCV_IO_MAX_IMAGE_PIXELS", std::to_string(kMostPixels).c_str(), 0); });
}

Result<Image> decode_with_opencv(std::span<const std::byte> bytes) {
  limit_opencv();
  PLEAT_ASSIGN(const auto decode,
               module_function<decltype(pleat_decode_with_opencv)>("pleat_imgcodecs", "pleat_decode_with_opencv"));
  Image image;
  std::string why;
  if (decode(bytes.data(), bytes.size(), &image, &why)) return image;
  return fail(
      Error::invalid("the picture cannot be read")
          .saw(why)
          .fix("give a PNG, JPEG, BMP, TIFF or WebP file of at most " + std::to_string(kMostPixels) + " pixels"));
}

}  // namespace

Result<Image> decode_image(std::span<const std::byte> bytes) {
  PLEAT_ASSIGN(Image image, is_png(bytes) ? decode_png(bytes) : decode_with_opencv(bytes));
  return over_white(std::move(image));
}

Result<Image> read_image(const std::string& path) {
  PLEAT_ASSIGN(const auto file, MappedFile::open(path));
  auto image = decode_image(file->bytes());
  if (!image) return fail(std::move(image).error().at(path));
  return image;
}

}  // namespace pleat
