#include "runtime/kernels/blocked/shuffle.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/blocked_planes.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

/// Channels of each source and the origins of y's.
struct Case {
  const char* name;
  std::vector<std::int64_t> sources;
  std::vector<ChannelOrigin> origins;
};

std::vector<ChannelOrigin> range(std::int32_t source, std::int32_t begin, std::int32_t end) {
  std::vector<ChannelOrigin> origins;
  for (std::int32_t c = begin; c < end; ++c) origins.push_back({source, c});
  return origins;
}

std::vector<ChannelOrigin> joined(std::vector<ChannelOrigin> a, const std::vector<ChannelOrigin>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::vector<Case> cases() {
  std::vector<Case> all = {
      {"copy", {32}, range(0, 0, 32)},
      {"second half", {58 * 2}, range(0, 58, 116)},
      {"aligned slice", {64}, range(0, 16, 48)},
      {"concat", {24, 40}, joined(range(0, 0, 24), range(1, 0, 40))},
      {"concat of three", {3, 5, 17}, joined(joined(range(0, 0, 3), range(1, 0, 5)), range(2, 0, 17))},
      {"zeros behind", {20}, joined(range(0, 0, 20), std::vector<ChannelOrigin>(30))},
      {"one", {100}, range(0, 77, 78)},
  };
  Case shuffle{"shuffle of two", {58, 58}, {}}, three{"shuffle of three", {60}, {}}, reversed{"reversed", {40}, {}},
      scattered{"from everywhere", {300, 7}, {}};
  for (std::int32_t c = 0; c < 116; ++c) shuffle.origins.push_back({c % 2, c / 2});
  for (std::int32_t c = 0; c < 60; ++c) three.origins.push_back({0, c % 3 * 20 + c / 3});
  for (std::int32_t c = 0; c < 40; ++c) reversed.origins.push_back({0, 39 - c});
  for (std::int32_t c = 0; c < 50; ++c) scattered.origins.push_back({c % 5 == 4, c % 5 == 4 ? c % 7 : c * 97 % 300});
  for (const Case& c : {shuffle, three, reversed, scattered}) all.push_back(c);
  return all;
}

void check(const Case& c, std::int64_t batch, std::int64_t height, std::int64_t width, Halo before, Halo after) {
  const Planes y_planes{batch, static_cast<std::int64_t>(c.origins.size()), height, width, kChannelBlock, after};
  std::vector<std::vector<float>> values;
  std::vector<PoisonedFloats> memory;
  std::vector<ChannelSource> sources;
  for (std::int64_t channels : c.sources) {
    const Planes planes{batch, channels, height, width, kChannelBlock, before};
    values.push_back(random_values<float>(batch * channels * height * width, static_cast<unsigned>(channels)));
    memory.push_back(laid_out(planes, values.back()));
    sources.push_back({planes, memory.back().data()});
    std::swap(before.left, before.right);
  }
  std::vector<float> expected;
  const std::int64_t pixels = height * width;
  for (std::int64_t n = 0; n < batch; ++n)
    for (const ChannelOrigin& origin : c.origins)
      for (std::int64_t p = 0; p < pixels; ++p) {
        if (origin.source < 0) {
          expected.push_back(0);
          continue;
        }
        const auto source = static_cast<std::size_t>(origin.source);
        expected.push_back(
            values[source][static_cast<std::size_t>((n * c.sources[source] + origin.channel) * pixels + p)]);
      }
  const ChannelTable table(c.origins);
  for_each_isa([&](Isa) {
    for (int threads : {1, 2}) {
      PoisonedFloats y(y_planes.elements());
      ThreadPool pool(threads);
      gather_channels(table, sources, y_planes, y.data(), pool);
      ASSERT_EQ(read_planes(y_planes, y), expected) << c.name;
      const std::int64_t spare = y_planes.blocks() * kChannelBlock - y_planes.channels;
      for (std::int64_t l = kChannelBlock - spare; l < kChannelBlock; ++l)
        ASSERT_EQ(y.data()[y_planes.offset(0, y_planes.blocks() - 1, height - 1, 0) + l], 0);
    }
  });
}

TEST(GatherChannels, TakesEachChannelFromItsOrigin) {
  for (const Case& c : cases())
    for (const Halo& before : {Halo{}, Halo{1, 2, 0, 1}})
      for (const Halo& after : {Halo{}, Halo{1, 1, 1, 1}}) {
        check(c, 2, 3, 5, before, after);
        check(c, 1, 40, 30, before, after);
        check(c, 1, 1, 1, before, after);
      }
}

}  // namespace
}  // namespace pleat
