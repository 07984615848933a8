#include "runtime/image/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

#include "runtime/base/shared_module.h"
#include "runtime/image/imgproc/imgproc.h"

namespace pleat {
namespace {

constexpr int kMiddleGrey = 127;

/// What OpenCV's `function(arguments..., &out, &why)` makes of `out`.
template <class Function, class... Arguments>
Result<Image> by_opencv(const char* function, Image out, const Arguments&... arguments) {
  PLEAT_ASSIGN(const auto work, module_function<Function>("pleat_imgproc", function));
  std::string why;
  if (work(arguments..., &out, &why)) return out;
  return fail(Error::resource("the image could not be prepared").saw(why));
}

bool wants_recoloring(const Image& image, const ImageInput& input) {
  return image.channels != input.channels() || input.color == "bgr";
}

/// In the network's channels and their order.
Result<Image> recolored(const Image& image, const ImageInput& input) {
  return by_opencv<decltype(pleat_recolor_with_opencv)>("pleat_recolor_with_opencv", {}, image, input.color.c_str());
}

/// The first sample of a pixel; `image` may be constant or not.
auto pixel_at(auto& image, int y, int x) {
  const auto pixels_before = std::ptrdiff_t{y} * image.width + x;
  return image.samples.begin() + pixels_before * image.channels;
}

/// Calls visit(pixel) for the outermost ring, each pixel once.
template <class Visit>
void for_border(const Image& image, Visit visit) {
  for (int y = 0; y < image.height; ++y) {
    const bool whole = y == 0 || y == image.height - 1;
    const int step = whole || image.width == 1 ? 1 : image.width - 1;
    for (int x = 0; x < image.width; x += step) visit(pixel_at(image, y, x));
  }
}

/// Channel by channel, rounded to nearest; of a gray image the first alone.
std::array<std::uint8_t, 3> border_mean(const Image& image) {
  std::array<std::int64_t, 3> sums{};
  std::int64_t count = 0;
  for_border(image, [&](auto pixel) {
    for (int c = 0; c < image.channels; ++c) sums[static_cast<std::size_t>(c)] += pixel[c];
    ++count;
  });
  std::array<std::uint8_t, 3> mean{};
  std::transform(sums.begin(), sums.end(), mean.begin(),
                 [&](std::int64_t sum) { return static_cast<std::uint8_t>((sum + count / 2) / count); });
  return mean;
}

bool wants_fitting(const Image& image, const ImageInput& input) {
  return image.height != input.height || image.width != input.width;
}

bool wants_inversion(const Image& image, const ImageInput& input) {
  if (input.invert != Invert::kAuto) return input.invert == Invert::kAlways;
  return image.channels == 1 && wants_fitting(image, input) && border_mean(image)[0] > kMiddleGrey;
}

Image inverted(Image image) {
  for (std::uint8_t& sample : image.samples) sample = static_cast<std::uint8_t>(255 - sample);
  return image;
}

/// `small` in the middle of an image of the network's size, around it `color`.
Image framed(const Image& small, const ImageInput& input, const std::array<std::uint8_t, 3>& color) {
  Image out{input.height, input.width, small.channels, {}};
  const auto row_size = std::ptrdiff_t{small.width} * small.channels;
  out.samples.resize(static_cast<std::size_t>(input.height) * static_cast<std::size_t>(input.width) *
                     static_cast<std::size_t>(small.channels));
  for (std::size_t i = 0; i < out.samples.size(); ++i)
    out.samples[i] = color[i % static_cast<std::size_t>(small.channels)];
  const int top = (input.height - small.height) / 2;
  const int left = (input.width - small.width) / 2;
  for (int y = 0; y < small.height; ++y) std::copy_n(pixel_at(small, y, 0), row_size, pixel_at(out, top + y, left));
  return out;
}

Result<Image> fitted(const Image& image, const ImageInput& input) {
  const double scale =
      std::min(static_cast<double>(input.height) / image.height, static_cast<double>(input.width) / image.width);
  const auto scaled = [scale](int size, int most) {
    return std::clamp(static_cast<int>(std::lround(size * scale)), 1, most);
  };
  Image small{scaled(image.height, input.height), scaled(image.width, input.width), image.channels, {}};
  PLEAT_ASSIGN(small,
               by_opencv<decltype(pleat_resize_with_opencv)>("pleat_resize_with_opencv", std::move(small), image));
  return framed(small, input, border_mean(image));
}

Result<Tensor> normalized(const Image& image, const ImageInput& input) {
  PLEAT_ASSIGN(Tensor tensor, Tensor::allocate(DType::kFloat, Shape{1, image.channels, image.height, image.width}));
  auto out = tensor.mutable_data<float>().begin();
  for (int c = 0; c < image.channels; ++c) {
    const auto mean = static_cast<float>(input.mean[static_cast<std::size_t>(c)]);
    const auto std = static_cast<float>(input.std[static_cast<std::size_t>(c)]);
    for (auto i = static_cast<std::size_t>(c); i < image.samples.size(); i += static_cast<std::size_t>(image.channels))
      *out++ = (static_cast<float>(image.samples[i]) - mean) / std;
  }
  return tensor;
}

Status check_arguments(const Image& image, const ImageInput& input) {
  const auto samples = std::int64_t{image.height} * image.width * image.channels;
  const bool whole = image.height > 0 && image.width > 0 && (image.channels == 1 || image.channels == 3) &&
                     static_cast<std::int64_t>(image.samples.size()) == samples;
  if (!whole) return fail(Error::usage("not an image of 1 or 3 channels with all its samples"));
  const auto channels = static_cast<std::size_t>(input.channels());
  if (input.height < 1 || input.width < 1 || input.mean.size() != channels || input.std.size() != channels)
    return fail(Error::usage("not a description of an image input: size, mean or std are wrong"));
  return {};
}

}  // namespace

Result<Tensor> to_input(const Image& image, const ImageInput& input) {
  PLEAT_TRY(check_arguments(image, input));
  const Image* ready = &image;  // what needs no change is not copied
  Image changed;
  if (wants_recoloring(*ready, input)) {
    PLEAT_ASSIGN(changed, recolored(*ready, input));
    ready = &changed;
  }
  if (wants_inversion(*ready, input)) {
    changed = inverted(*ready);
    ready = &changed;
  }
  if (wants_fitting(*ready, input)) {
    PLEAT_ASSIGN(changed, fitted(*ready, input));
    ready = &changed;
  }
  return normalized(*ready, input);
}

}  // namespace pleat
