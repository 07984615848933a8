#include "runtime/image/imgproc/imgproc.h"

#include <exception>
#include <mutex>
#include <opencv2/imgproc.hpp>
#include <string_view>

namespace pleat {
namespace {

void use_one_thread() {
  static std::once_flag once;
  std::call_once(once, [] { cv::setNumThreads(1); });
}

/// The samples of `image` where they lie.
cv::Mat matrix(const Image& image) {
  return cv::Mat(image.height, image.width, CV_8UC(image.channels), const_cast<std::uint8_t*>(image.samples.data()));
}

cv::ColorConversionCodes conversion(int channels, std::string_view color) {
  if (channels == 1) return cv::COLOR_GRAY2RGB;
  return color == "gray" ? cv::COLOR_RGB2GRAY : cv::COLOR_RGB2BGR;
}

cv::Mat room(Image* out, int height, int width, int channels) {
  *out = {height, width, channels, {}};
  out->samples.resize(static_cast<std::size_t>(height) * static_cast<std::size_t>(width) *
                      static_cast<std::size_t>(channels));
  return matrix(*out);
}

template <class Work>
bool attempt(std::string* why, Work work) {
  try {
    use_one_thread();
    work();
    return true;
  } catch (const std::exception& problem) {
    *why = problem.what();
    return false;
  }
}

}  // namespace
}  // namespace pleat

bool pleat_recolor_with_opencv(const pleat::Image& source, const char* color, pleat::Image* out, std::string* why) {
  return pleat::attempt(why, [&] {
    const int channels = std::string_view(color) == "gray" ? 1 : 3;
    cv::Mat target = pleat::room(out, source.height, source.width, channels);
    cv::cvtColor(pleat::matrix(source), target, pleat::conversion(source.channels, color));
  });
}

bool pleat_resize_with_opencv(const pleat::Image& source, pleat::Image* out, std::string* why) {
  return pleat::attempt(why, [&] {
    const bool shrinks = out->height < source.height || out->width < source.width;
    cv::Mat target = pleat::room(out, out->height, out->width, source.channels);
    cv::resize(pleat::matrix(source), target, target.size(), 0, 0, shrinks ? cv::INTER_AREA : cv::INTER_LINEAR);
  });
}
