#include "runtime/image/decode.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <opencv2/imgcodecs.hpp>

#include "runtime/image/png.h"

namespace pleat {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

cv::Mat pattern(int type, int rows = 13, int cols = 9) {
  cv::Mat mat(rows, cols, type);
  cv::RNG rng(7);
  rng.fill(mat, cv::RNG::UNIFORM, 0, CV_MAT_DEPTH(type) == CV_16U ? 65536 : 256);
  return mat;
}

std::vector<std::uint8_t> encoded(const char* ending, const cv::Mat& mat) {
  std::vector<std::uint8_t> bytes;
  EXPECT_TRUE(cv::imencode(ending, mat, bytes));
  return bytes;
}

Result<Image> decoded(const std::vector<std::uint8_t>& bytes) { return decode_image(std::as_bytes(std::span(bytes))); }

/// What cv::imdecode gives for the same bytes, red first, narrowed and put on white by this test's own arithmetic.
std::vector<std::uint8_t> opencv_samples(const std::vector<std::uint8_t>& bytes) {
  const cv::Mat mat = cv::imdecode(bytes, cv::IMREAD_UNCHANGED);
  std::vector<std::uint8_t> out;
  const auto sample = [&](int y, int x, int c) -> long {
    if (mat.depth() == CV_8U) return mat.ptr<std::uint8_t>(y, x)[c];
    return std::lround(mat.ptr<std::uint16_t>(y, x)[c] / 257.0);
  };
  for (int y = 0; y < mat.rows; ++y)
    for (int x = 0; x < mat.cols; ++x)
      for (int c = 0; c < (mat.channels() == 1 ? 1 : 3); ++c) {
        const long color = sample(y, x, mat.channels() == 1 ? 0 : 2 - c);
        const double alpha = mat.channels() == 4 ? static_cast<double>(sample(y, x, 3)) / 255 : 1;
        out.push_back(static_cast<std::uint8_t>(std::lround(static_cast<double>(color) * alpha + 255 * (1 - alpha))));
      }
  return out;
}

class PngLikeOpenCv : public ::testing::TestWithParam<int> {};

TEST_P(PngLikeOpenCv, GivesTheSameSamples) {
  const auto bytes = encoded(".png", pattern(GetParam()));
  ASSERT_TRUE(is_png(std::as_bytes(std::span(bytes))));
  const auto image = decoded(bytes);
  ASSERT_TRUE(image) << image.error().text();
  EXPECT_EQ(image->height, 13);
  EXPECT_EQ(image->width, 9);
  EXPECT_EQ(image->samples, opencv_samples(bytes));
}

INSTANTIATE_TEST_SUITE_P(Types, PngLikeOpenCv,
                         ::testing::Values(CV_8UC1, CV_8UC3, CV_8UC4, CV_16UC1, CV_16UC3, CV_16UC4));

/// 2 x 2 with a palette of red, green, blue and (8, 16, 32).
const std::vector<std::uint8_t> kPalettePng{
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x02, 0x00, 0x00, 0x00, 0x02, 0x02, 0x03, 0x00, 0x00, 0x00, 0x0f, 0xd8, 0xe5, 0xb7, 0x00, 0x00, 0x00, 0x0c, 0x50,
    0x4c, 0x54, 0x45, 0xff, 0x00, 0x00, 0x00, 0xff, 0x00, 0x00, 0x00, 0xff, 0x08, 0x10, 0x20, 0x84, 0x01, 0x25, 0xc5,
    0x00, 0x00, 0x00, 0x0c, 0x49, 0x44, 0x41, 0x54, 0x78, 0x9c, 0x63, 0x10, 0x60, 0xd8, 0x00, 0x00, 0x00, 0xe4, 0x00,
    0xc1, 0x27, 0xa8, 0xe8, 0x57, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

TEST(DecodeImage, ResolvesPalettes) {
  const auto image = decoded(kPalettePng);
  ASSERT_TRUE(image) << image.error().text();
  EXPECT_THAT(image->samples, ElementsAre(255, 0, 0, 0, 255, 0, 0, 0, 255, 8, 16, 32));
  EXPECT_EQ(image->samples, opencv_samples(kPalettePng));
}

TEST(DecodeImage, KeepsGreyAndMakesColourRedFirst) {
  EXPECT_EQ(decoded(encoded(".png", pattern(CV_8UC1)))->channels, 1);
  const auto red = decoded(encoded(".png", cv::Mat(1, 1, CV_8UC3, cv::Scalar(10, 20, 200))));
  EXPECT_THAT(red->samples, ElementsAre(200, 20, 10));
  const auto bitmap = decoded(encoded(".bmp", cv::Mat(1, 1, CV_8UC3, cv::Scalar(10, 20, 200))));
  ASSERT_TRUE(bitmap) << bitmap.error().text();
  EXPECT_THAT(bitmap->samples, ElementsAre(200, 20, 10));
}

TEST(DecodeImage, PutsTransparencyOnWhite) {
  const auto clear = decoded(encoded(".png", cv::Mat(1, 1, CV_8UC4, cv::Scalar(0, 0, 0, 0))));
  EXPECT_THAT(clear->samples, ElementsAre(255, 255, 255));
}

TEST(DecodeImage, ReadsOtherFormatsLikePng) {
  const cv::Mat mat = pattern(CV_8UC3);
  const auto png = decoded(encoded(".png", mat));
  for (const char* ending : {".bmp", ".tiff", ".ppm"}) {
    const auto image = decoded(encoded(ending, mat));
    ASSERT_TRUE(image) << ending << image.error().text();
    EXPECT_EQ(image->samples, png->samples) << ending;
  }
}

TEST(DecodeImage, ObeysTheOrientationOfAJpeg) {
  cv::Mat mat(16, 32, CV_8UC1, cv::Scalar(0));
  mat.colRange(0, 16).setTo(255);
  auto bytes = encoded(".jpg", mat);
  // Orientation 6: turn clockwise by 90 degrees to see it upright.
  const std::vector<std::uint8_t> exif{0xff, 0xe1, 0, 34, 'E', 'x', 'i', 'f', 0, 0, 'M', 'M', 0, 42, 0, 0, 0, 8,
                                       0,    1,    1, 18, 0,   3,   0,   0,   0, 1, 0,   6,   0, 0,  0, 0, 0, 0};
  bytes.insert(bytes.begin() + 2, exif.begin(), exif.end());
  const auto image = decoded(bytes);
  ASSERT_TRUE(image) << image.error().text();
  EXPECT_EQ(image->height, 32);
  EXPECT_EQ(image->width, 16);
  EXPECT_GT(image->samples.front(), 200);
  EXPECT_LT(image->samples.back(), 50);
}

TEST(DecodeImage, RefusesWhatIsNoPicture) {
  EXPECT_FALSE(decode_image({}));
  const std::string text = "hello, this is no picture at all";
  const auto image = decode_image(std::as_bytes(std::span(text)));
  ASSERT_FALSE(image);
  EXPECT_EQ(image.error().code, ErrorCode::kInvalid);
}

TEST(DecodeImage, RefusesTruncatedPng) {
  const auto whole = encoded(".png", pattern(CV_8UC3));
  for (std::size_t length = 8; length + 12 < whole.size(); length += 5)
    EXPECT_FALSE(decoded({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length)})) << length;
}

TEST(DecodeImage, SurvivesAnyFlippedByte) {
  const auto whole = encoded(".png", pattern(CV_8UC1));
  for (std::size_t i = 8; i < whole.size(); ++i) {
    auto bytes = whole;
    bytes[i] ^= 0x41;
    const auto image = decoded(bytes);
    if (image) {
      EXPECT_EQ(image->samples.size(),
                static_cast<std::size_t>(image->height) * static_cast<std::size_t>(image->width * image->channels));
    }
  }
}

std::uint32_t crc32_of(std::span<const std::uint8_t> bytes) {
  std::uint32_t crc = ~0U;
  for (const std::uint8_t byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0xedb88320U : 0);
  }
  return ~crc;
}

TEST(DecodeImage, RefusesHugeDimensions) {
  auto png = encoded(".png", pattern(CV_8UC1));
  const std::uint8_t sizes[] = {0, 1, 0, 0, 0, 1, 0, 0};  // 65536 x 65536
  std::memcpy(png.data() + 16, sizes, sizeof sizes);
  const std::uint32_t crc = crc32_of(std::span(png).subspan(12, 17));
  for (std::size_t i = 0; i < 4; ++i) png[29 + i] = static_cast<std::uint8_t>(crc >> (24 - 8 * i));
  const auto image = decoded(png);
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().text(), HasSubstr("65536 x 65536"));
  EXPECT_EQ(image.error().code, ErrorCode::kResource);

  auto bmp = encoded(".bmp", pattern(CV_8UC3));
  const std::uint8_t bmp_sizes[] = {0, 0x40, 0, 0, 0, 0x40, 0, 0};  // 16384 x 16384
  std::memcpy(bmp.data() + 18, bmp_sizes, sizeof bmp_sizes);
  EXPECT_FALSE(decoded(bmp));
}

TEST(DecodeImage, NamesTheFile) {
  const auto image = read_image("/no/such/picture.png");
  ASSERT_FALSE(image);
  EXPECT_THAT(image.error().text(), HasSubstr("/no/such/picture.png"));
}

}  // namespace
}  // namespace pleat
