#pragma once

#include <cstdint>
#include <vector>

namespace pleat {

/// 8-bit samples row by row, channels side by side: 1 grey, 2 grey and alpha, 3 red green blue, 4 with alpha.
struct Image {
  int height = 0;
  int width = 0;
  int channels = 0;
  std::vector<std::uint8_t> samples;
};

/// More pixels than this are refused before memory is taken for them.
inline constexpr std::int64_t kMostPixels = std::int64_t{1} << 26;

/// 16-bit samples become 8-bit by v/257 rounded to nearest, so that white stays white.
constexpr std::uint8_t narrowed(std::uint16_t sample) {
  return static_cast<std::uint8_t>((sample * 255U + 32895U) >> 16);
}

/// The image on white paper, without alpha: each sample is (c*a + 255*(255-a)) / 255, rounded to nearest.
Image over_white(Image image);

}  // namespace pleat
