#include "runtime/image/imgcodecs/imgcodecs.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstring>
#include <exception>
#include <opencv2/core/utils/logger.hpp>
#include <opencv2/imgcodecs.hpp>

namespace pleat {
namespace {

/// Only without IMREAD_UNCHANGED does OpenCV obey a JPEG's EXIF orientation, only with it does it keep alpha, which a
/// JPEG never has.
int flags_for(const std::byte* bytes, std::size_t size) {
  const bool jpeg = size >= 2 && bytes[0] == std::byte{0xff} && bytes[1] == std::byte{0xd8};
  return jpeg ? cv::IMREAD_ANYCOLOR | cv::IMREAD_ANYDEPTH : cv::IMREAD_UNCHANGED;
}

template <class Sample>
void copy_row(const cv::Mat& mat, int row, std::uint8_t* out) {
  const int channels = mat.channels();
  const auto* in = mat.ptr<Sample>(row);
  for (int x = 0; x < mat.cols; ++x, in += channels, out += channels) {
    for (int c = 0; c < channels; ++c) {
      const int from = channels >= 3 && c < 3 ? 2 - c : c;  // OpenCV keeps blue first
      if constexpr (sizeof(Sample) == 2) {
        out[c] = narrowed(in[from]);
      } else {
        out[c] = in[from];
      }
    }
  }
}

void copy(const cv::Mat& mat, Image& image) {
  image.height = mat.rows;
  image.width = mat.cols;
  image.channels = mat.channels();
  const std::size_t row_size = static_cast<std::size_t>(mat.cols) * static_cast<std::size_t>(mat.channels());
  image.samples.resize(row_size * static_cast<std::size_t>(mat.rows));
  for (int y = 0; y < mat.rows; ++y) {
    std::uint8_t* out = image.samples.data() + row_size * static_cast<std::size_t>(y);
    mat.depth() == CV_16U ? copy_row<std::uint16_t>(mat, y, out) : copy_row<std::uint8_t>(mat, y, out);
  }
}

const char* decode(const std::byte* bytes, std::size_t size, Image& image) {
  if (size == 0 || size > INT_MAX) return "the file is empty or too long";
  cv::utils::logging::setLogLevel(cv::utils::logging::LOG_LEVEL_SILENT);
  const cv::Mat encoded(1, static_cast<int>(size), CV_8UC1, const_cast<std::byte*>(bytes));
  const cv::Mat mat = cv::imdecode(encoded, flags_for(bytes, size));
  if (mat.empty()) return "no picture that OpenCV can read";
  if (std::int64_t{mat.rows} * mat.cols > kMostPixels) return "the picture has too many pixels";
  if (mat.depth() != CV_8U && mat.depth() != CV_16U) return "the samples are neither 8-bit nor 16-bit";
  if (mat.channels() > 4) return "more than 4 channels";
  copy(mat, image);
  return nullptr;
}

}  // namespace
}  // namespace pleat

bool pleat_decode_with_opencv(const std::byte* bytes, std::size_t size, pleat::Image* image, std::string* why) {
  try {
    const char* problem = pleat::decode(bytes, size, *image);
    if (problem != nullptr) *why = problem;
    return problem == nullptr;
  } catch (const std::exception& problem) {
    *why = problem.what();
    return false;
  }
}
