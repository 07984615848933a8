#include "runtime/image/image.h"

namespace pleat {

Image over_white(Image image) {
  if (image.channels == 1 || image.channels == 3) return image;
  const auto stride = static_cast<std::size_t>(image.channels);
  const std::size_t colors = stride - 1;
  const std::size_t pixels = image.samples.size() / stride;
  for (std::size_t p = 0; p < pixels; ++p) {
    const unsigned alpha = image.samples[p * stride + colors];
    for (std::size_t c = 0; c < colors; ++c) {
      const unsigned color = image.samples[p * stride + c];
      image.samples[p * colors + c] = static_cast<std::uint8_t>((color * alpha + 255U * (255U - alpha) + 127U) / 255U);
    }
  }
  image.samples.resize(pixels * colors);
  image.channels = static_cast<int>(colors);
  return image;
}

}  // namespace pleat
