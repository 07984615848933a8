#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "runtime/kernels/blocked/winograd_pack.cc"
#include <algorithm>

#include "runtime/kernels/blocked/winograd_steps.h"
#include "runtime/kernels/dispatch.h"
#include "runtime/kernels/elementary.h"
#include "runtime/kernels/transpose.h"

#include "runtime/kernels/highway.h"

#include "runtime/kernels/elementary_inl.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE::winograd {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

struct Lanes : VectorOps<double> {
  static constexpr std::int64_t kLanes = hn::MaxLanes(D());
  using Narrow = hn::Rebind<float, D>;
  HWY_INLINE Value load(const float* from) const { return hn::PromoteTo(D(), hn::LoadU(Narrow(), from)); }
  HWY_INLINE void store(Value value, float* to) const { hn::StoreU(hn::DemoteTo(Narrow(), value), Narrow(), to); }
};

#include "runtime/kernels/blocked/winograd_pack_sequences.h"

#endif
}  // namespace pleat::HWY_NAMESPACE::winograd
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference::winograd {

struct Lanes : ScalarOps<double> {
  static constexpr std::int64_t kLanes = 1;
  double load(const float* from) const { return static_cast<double>(*from); }
  void store(double value, float* to) const { *to = static_cast<float>(value); }
};

#include "runtime/kernels/blocked/winograd_pack_sequences.h"

}  // namespace reference::winograd

std::size_t packed_winograd_elements(std::int64_t in_channels, std::int64_t out_channels) {
  const std::int64_t blocks = (out_channels + kChannelBlock - 1) / kChannelBlock;
  return static_cast<std::size_t>(blocks * kWinogradPlaces * in_channels * kChannelBlock);
}

void pack_winograd(std::int64_t in_channels, std::int64_t out_channels, Interval blocks, const float* w,
                   float* packed) {
  constexpr std::int64_t kTaps = 9;
  constexpr std::int64_t kAtOnce = 16;  // channels
  alignas(64) float taps[kAtOnce * kTaps * kChannelBlock] = {};
  for (std::int64_t block = blocks.begin; block < blocks.end; ++block) {
    const std::int64_t first = block * kChannelBlock;
    const std::int64_t lanes = std::min(kChannelBlock, out_channels - first);
    if (lanes < kChannelBlock) std::fill(std::begin(taps), std::end(taps), 0.0F);
    for (std::int64_t channel = 0; channel < in_channels; channel += kAtOnce) {
      const std::int64_t count = std::min(kAtOnce, in_channels - channel);
      transpose(w + ((first - blocks.begin * kChannelBlock) * in_channels + channel) * kTaps, in_channels * kTaps, taps,
                kChannelBlock, lanes, count * kTaps);
      for (std::int64_t c = 0; c < count; ++c) PLEAT_CHOOSE(winograd::transform_weights)
      (taps + c * kTaps * kChannelBlock, packed + (block * kWinogradPlaces * in_channels + channel + c) * kChannelBlock,
       in_channels * kChannelBlock);
    }
  }
}

}  // namespace pleat
#endif
