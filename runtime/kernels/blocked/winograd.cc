#include "runtime/kernels/blocked/winograd.h"

#include <algorithm>

#include "runtime/base/check.h"
#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/winograd_steps.h"

namespace pleat {
namespace {

/// How the work is cut. No bit depends on it.
struct Plan {
  bool shared;          ///< all threads work on one group at a time, on different output channels
  std::int64_t groups;  ///< of tiles, near equal
  std::int64_t most;    ///< tiles of a group

  Plan(const WinogradConv& p, std::int64_t threads) {
    constexpr std::int64_t kWeightsToShare = 1 << 20;  // bytes
    constexpr std::int64_t kMostShared = 56;
    constexpr std::int64_t kMostOwn = 28;
    constexpr std::int64_t kLeastOwn = 14;
    constexpr std::int64_t kInputBytes = 540 << 10;  // of V, in the second-level cache with M and weights
    const std::int64_t tiles = WinogradTiles(p.out).count();
    const std::int64_t pairs = (p.out.blocks() + 1) / 2;
    const auto weights =
        static_cast<std::int64_t>(packed_winograd_elements(p.in.channels, p.out.channels) * sizeof(float));
    shared = weights > kWeightsToShare && pairs >= 2 * threads;
    if (shared) {
      groups = (tiles + kMostShared - 1) / kMostShared;
    } else {
      const std::int64_t tile_bytes = kWinogradPlaces * p.in.blocks() * kChannelBlock * 4;
      const std::int64_t limit = std::clamp(kInputBytes / tile_bytes, kLeastOwn, kMostOwn);
      groups = (tiles + limit - 1) / limit;
      groups = std::min(tiles, (groups + threads - 1) / threads * threads);
    }
    most = (tiles + groups - 1) / groups;
  }

  Interval tiles(std::int64_t group, std::int64_t count) const {
    return {count * group / groups, count * (group + 1) / groups};
  }
};

/// What each thread works in.
struct Slot {
  std::int64_t v, m;  ///< elements for one group and for one pair of output blocks

  Slot(const WinogradConv& p, const Plan& plan)
      : v(kWinogradPlaces * winograd_step(p.in.blocks(), plan.most)),
        m(kWinogradPlaces * winograd_step(2, plan.most)) {}

  std::int64_t elements() const { return kChannelBlock + v + m; }
};

/// A thread's transformed inputs, made when first asked for: each thread makes those of a group for itself, which takes
/// less time than to fetch what another has written.
class Inputs {
 public:
  explicit Inputs(float* slot) : group_(reinterpret_cast<std::int64_t*>(slot)), v_(slot + kChannelBlock) {}

  void forget() { *group_ = -1; }
  WinogradGroup of(const WinogradConv& p, std::int64_t group, Interval tiles) {
    const WinogradGroup made = {tiles, v_};
    if (*group_ != group) winograd_inputs(p, made, {0, p.in.blocks() * tiles.size()});
    *group_ = group;
    return made;
  }

 private:
  std::int64_t* group_;
  float* v_;
};

}  // namespace

bool winograd_pays(std::int64_t in_channels, std::int64_t out_channels, std::int64_t out_height,
                   std::int64_t out_width) {
  if (std::min(in_channels, out_channels) < kChannelBlock) return false;
  // In multiply-adds per channel of either side, for a core that does 32 in a cycle while 12 bytes come from memory.
  constexpr double kPerWeight = 32.0 / 12 * sizeof(float);
  constexpr double kPerTransform = 200;  // of one tile and channel
  constexpr double kMargin = 1.3;
  constexpr std::int64_t kTaps = 9;
  const auto in = static_cast<double>(in_channels), out = static_cast<double>(out_channels);
  const auto pixels = static_cast<double>(out_height * out_width);
  const auto tiles = static_cast<double>(WinogradTiles({.height = out_height, .width = out_width}).count());
  const double direct = in * out * kTaps * (pixels + kPerWeight);
  const double winograd = in * out * kWinogradPlaces * (tiles + kPerWeight) + (in + out) * kPerTransform * tiles;
  return winograd * kMargin < direct;
}

std::size_t winograd_scratch_bytes(const WinogradConv& p, int threads) {
  std::int64_t most = 0;
  for (std::int64_t t = 1; t <= threads; ++t) {
    const Plan plan(p, t);
    most = std::max(most, t * Slot(p, plan).elements());
  }
  return static_cast<std::size_t>(most) * sizeof(float);
}

void winograd_conv(const WinogradConv& p, std::byte* scratch, ThreadPool& pool) {
  PLEAT_CHECK(p.in.lanes == kChannelBlock && p.out.lanes == kChannelBlock);
  const Plan plan(p, pool.threads());
  const Slot sizes(p, plan);
  const std::int64_t tiles = WinogradTiles(p.out).count();
  const std::int64_t pairs = (p.out.blocks() + 1) / 2;
  const auto slot = [&](std::int64_t thread) { return reinterpret_cast<float*>(scratch) + thread * sizes.elements(); };
  for (std::int64_t thread = 0; thread < pool.threads(); ++thread) Inputs(slot(thread)).forget();
  const auto run = [&](std::int64_t thread, std::int64_t g, Interval some) {
    const WinogradGroup group = Inputs(slot(thread)).of(p, g, plan.tiles(g, tiles));
    float* m = group.v + sizes.v;
    for (std::int64_t pair = some.begin; pair < some.end; ++pair)
      winograd_outputs(p, group, pair, {0, group.tiles.size()}, m);
  };

  if (plan.shared) {
    for (std::int64_t g = 0; g < plan.groups; ++g)
      pool.parallel_slots(pairs, 1, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
        run(thread, g, {begin, end});
      });
  } else {
    pool.parallel_slots(plan.groups, 1, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
      for (std::int64_t g = begin; g < end; ++g) run(thread, g, {0, pairs});
    });
  }
}

}  // namespace pleat
