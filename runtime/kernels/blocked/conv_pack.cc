#include <algorithm>

#include "runtime/kernels/blocked/conv.h"

namespace pleat {

void pack_conv(const BlockedConv& conv, const float* w, const float* bias, Interval blocks, float* packed) {
  const std::int64_t channels = conv.group_channels(), taps = conv.taps(), depth = conv.depth();
  for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
    const std::int64_t first = block * kChannelBlock;
    const std::int64_t real = std::min(kChannelBlock, conv.out.channels - first);
    float* to = packed + block * conv.packed_block();
    std::fill_n(to, conv.packed_block(), 0.0F);
    if (bias != nullptr) std::copy_n(bias + first, real, to);
    to += kChannelBlock;
    for (std::int64_t in = 0; in < channels; in += kChannelBlock)
      for (std::int64_t tap = 0; tap < taps; ++tap)
        for (std::int64_t c = in; c < std::min(channels, in + kChannelBlock); ++c, to += kChannelBlock)
          for (std::int64_t lane = 0; lane < real; ++lane) to[lane] = w[(first + lane) * depth + c * taps + tap];
  }
}

}  // namespace pleat
