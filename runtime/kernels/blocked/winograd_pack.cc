#include <algorithm>

#include "runtime/kernels/blocked/winograd_steps.h"

namespace pleat {
namespace {

constexpr int kTaps = 3;

/// The points 0, ±s, ±2s give rows (1, p, p²) / N(p), N(p) the product of the distances of p to the other points; ∞
/// gives (0, 0, 1) / s³, since Aᵀ brings s³ to it (winograd_sequences.h).
constexpr double kToPoints[kWinogradInputs][kTaps] = {
    {1024.0 / 625, 0, 0},
    {-2048.0 / 1875, -256.0 / 375, -32.0 / 75},
    {-2048.0 / 1875, 256.0 / 375, -32.0 / 75},
    {512.0 / 1875, 128.0 / 375, 32.0 / 75},
    {512.0 / 1875, -128.0 / 375, 32.0 / 75},
    {0, 0, 512.0 / 125},
};

/// u[36] = G·w·Gᵀ, `step` elements apart.
void transform(const float* w, float* u, std::int64_t step) {
  double rows[kWinogradInputs][kTaps];
  for (int i = 0; i < kWinogradInputs; ++i)
    for (int k = 0; k < kTaps; ++k) {
      rows[i][k] = 0;
      for (int j = 0; j < kTaps; ++j) rows[i][k] += kToPoints[i][j] * static_cast<double>(w[j * kTaps + k]);
    }
  for (int i = 0; i < kWinogradInputs; ++i)
    for (int j = 0; j < kWinogradInputs; ++j) {
      double sum = 0;
      for (int k = 0; k < kTaps; ++k) sum += rows[i][k] * kToPoints[j][k];
      u[(i * kWinogradInputs + j) * step] = static_cast<float>(sum);
    }
}

}  // namespace

std::size_t packed_winograd_elements(std::int64_t in_channels, std::int64_t out_channels) {
  const std::int64_t blocks = (out_channels + kChannelBlock - 1) / kChannelBlock;
  return static_cast<std::size_t>(blocks * kWinogradPlaces * in_channels * kChannelBlock);
}

void pack_winograd(std::int64_t in_channels, std::int64_t out_channels, Interval blocks, const float* w,
                   float* packed) {
  for (std::int64_t block = blocks.begin; block < blocks.end; ++block)
    for (std::int64_t c = 0; c < in_channels; ++c)
      for (std::int64_t lane = 0; lane < kChannelBlock; ++lane) {
        constexpr float kNone[kTaps * kTaps] = {};
        const std::int64_t channel = block * kChannelBlock + lane;
        transform(channel < out_channels ? w + (channel * in_channels + c) * kTaps * kTaps : kNone,
                  packed + (block * kWinogradPlaces * in_channels + c) * kChannelBlock + lane,
                  in_channels * kChannelBlock);
      }
}

}  // namespace pleat
