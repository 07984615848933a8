#include <algorithm>
#include <bit>
#include <vector>

#include "runtime/kernels/blocked/conv.h"
#include "runtime/kernels/transpose.h"

namespace pleat {

void pack_conv(const BlockedConv& conv, const float* w, const float* bias, Interval blocks, float* packed) {
  const std::int64_t channels = conv.group_channels(), taps = conv.taps(), depth = conv.depth();
  std::vector<float> rows(static_cast<std::size_t>(kChannelBlock * taps * kChannelBlock));
  for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
    const std::int64_t first = block * kChannelBlock;
    const float* from = w + (first - blocks.begin * kChannelBlock) * depth;
    const std::int64_t real = std::min(kChannelBlock, conv.out.channels - first);
    float* to = packed + block * conv.packed_block();
    std::fill_n(to, kChannelBlock, 0.0F);
    if (bias != nullptr) std::copy_n(bias + first, real, to);
    to += kChannelBlock;
    if (real < kChannelBlock) std::fill(rows.begin(), rows.end(), 0.0F);
    if (taps == 1) {
      if (real < kChannelBlock) std::fill_n(to, depth * kChannelBlock, 0.0F);
      transpose(from, depth, to, kChannelBlock, real, depth);
      continue;
    }
    for (std::int64_t in = 0; in < channels; in += kChannelBlock) {
      const std::int64_t count = std::min(kChannelBlock, channels - in);
      transpose(from + in * taps, depth, rows.data(), kChannelBlock, real, count * taps);
      for (std::int64_t tap = 0; tap < taps; ++tap)
        for (std::int64_t c = 0; c < count; ++c, to += kChannelBlock)
          std::copy_n(rows.data() + (c * taps + tap) * kChannelBlock, kChannelBlock, to);
    }
  }
}

bool padding_is_worth_leaving(const BlockedConv& conv) {
  if (conv.out.width != kConvRun || conv.taps() == 1 || conv.pad == BlockedConv::Sizes{0, 0}) return false;
  constexpr std::uint32_t kExponent = 0x7f800000;
  std::uint32_t largest = 0;
  for (std::size_t i = 0; i < packed_conv_elements(conv); ++i)
    largest = std::max(largest, std::bit_cast<std::uint32_t>(conv.packed[i]) & kExponent);
  return largest < kExponent;
}

}  // namespace pleat
