#include "runtime/image/preprocess.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <mutex>
#include <opencv2/imgproc.hpp>

namespace pleat {
namespace {

constexpr int kMiddleGrey = 127;

void use_one_thread() {
  static std::once_flag once;
  std::call_once(once, [] { cv::setNumThreads(1); });
}

/// In the network's channels and their order; shares the image's memory where nothing is to change.
cv::Mat recolored(const Image& image, const ImageInput& input) {
  const cv::Mat source(image.height, image.width, CV_8UC(image.channels),
                       const_cast<std::uint8_t*>(image.samples.data()));
  cv::Mat out;
  if (image.channels == 3 && input.color == "gray") {
    cv::cvtColor(source, out, cv::COLOR_RGB2GRAY);
  } else if (image.channels == 3 && input.color == "bgr") {
    cv::cvtColor(source, out, cv::COLOR_RGB2BGR);
  } else if (image.channels == 1 && input.color != "gray") {
    cv::cvtColor(source, out, cv::COLOR_GRAY2RGB);
  } else {
    out = source;
  }
  return out;
}

/// Calls visit(pixel) for the outermost ring, each pixel once.
template <class Visit>
void for_border(const cv::Mat& mat, Visit visit) {
  for (int y = 0; y < mat.rows; ++y) {
    const bool whole = y == 0 || y == mat.rows - 1;
    const int step = whole || mat.cols == 1 ? 1 : mat.cols - 1;
    for (int x = 0; x < mat.cols; x += step) visit(mat.ptr<std::uint8_t>(y, x));
  }
}

cv::Scalar border_mean(const cv::Mat& mat) {
  std::array<std::int64_t, 3> sums{};
  std::int64_t count = 0;
  for_border(mat, [&](const std::uint8_t* pixel) {
    for (std::size_t c = 0; c < static_cast<std::size_t>(mat.channels()); ++c) sums[c] += pixel[c];
    ++count;
  });
  cv::Scalar mean;
  for (std::size_t c = 0; c < sums.size(); ++c) {
    const std::int64_t rounded = (sums[c] + count / 2) / count;
    mean[static_cast<int>(c)] = static_cast<double>(rounded);
  }
  return mean;
}

bool wants_inversion(const cv::Mat& mat, const ImageInput& input) {
  if (input.invert != Invert::kAuto) return input.invert == Invert::kAlways;
  const bool prepared = mat.rows == input.height && mat.cols == input.width;
  return mat.channels() == 1 && !prepared && border_mean(mat)[0] > kMiddleGrey;
}

cv::Mat fitted(const cv::Mat& mat, int height, int width) {
  if (mat.rows == height && mat.cols == width) return mat;
  const double scale = std::min(static_cast<double>(height) / mat.rows, static_cast<double>(width) / mat.cols);
  const int rows = std::clamp(static_cast<int>(std::lround(mat.rows * scale)), 1, height);
  const int cols = std::clamp(static_cast<int>(std::lround(mat.cols * scale)), 1, width);
  cv::Mat small;
  cv::resize(mat, small, {cols, rows}, 0, 0, scale < 1 ? cv::INTER_AREA : cv::INTER_LINEAR);
  cv::Mat out(height, width, mat.type(), border_mean(mat));
  small.copyTo(out(cv::Rect((width - cols) / 2, (height - rows) / 2, cols, rows)));
  return out;
}

Result<Tensor> scaled(const cv::Mat& mat, const ImageInput& input) {
  const int channels = mat.channels();
  PLEAT_ASSIGN(Tensor tensor, Tensor::allocate(DType::kFloat, Shape{1, channels, mat.rows, mat.cols}));
  auto out = tensor.mutable_data<float>().begin();
  for (int c = 0; c < channels; ++c) {
    const auto mean = static_cast<float>(input.mean[static_cast<std::size_t>(c)]);
    const auto std = static_cast<float>(input.std[static_cast<std::size_t>(c)]);
    for (int y = 0; y < mat.rows; ++y) {
      const auto* row = mat.ptr<std::uint8_t>(y);
      for (int x = 0; x < mat.cols; ++x) *out++ = (static_cast<float>(row[x * channels + c]) - mean) / std;
    }
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
  use_one_thread();
  try {
    cv::Mat mat = recolored(image, input);
    if (wants_inversion(mat, input)) {
      cv::Mat inverted;
      cv::bitwise_not(mat, inverted);
      mat = inverted;
    }
    return scaled(fitted(mat, input.height, input.width), input);
  } catch (const std::exception& problem) {
    return fail(Error::resource("the image could not be prepared").saw(problem.what()));
  }
}

}  // namespace pleat
