#include "runtime/kernels/blocked/channels_last.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr float kDirt = 99;

void check(const Planes& planes) {
  const auto last = random_values<float>(planes.batch * planes.channels * planes.height * planes.width, 5);
  for (int threads : {1, 2}) {
    ThreadPool pool(threads);
    std::vector<float> memory(static_cast<std::size_t>(planes.elements()), kDirt);  // halo and spare lanes must lose it
    from_channels_last(last.data(), planes, memory.data(), pool);
    std::vector<float> expected(memory.size());
    std::size_t next = 0;
    for (std::int64_t n = 0; n < planes.batch; ++n)
      for (std::int64_t y = 0; y < planes.height; ++y)
        for (std::int64_t x = 0; x < planes.width; ++x)
          for (std::int64_t c = 0; c < planes.channels; ++c)
            expected[static_cast<std::size_t>(planes.offset(n, c / kChannelBlock, y, x) + c % kChannelBlock)] =
                last[next++];
    EXPECT_EQ(memory, expected) << planes.channels << " channels, " << threads << " threads";

    std::vector<float> back(last.size(), kDirt);
    to_channels_last(planes, memory.data(), back.data(), pool);
    EXPECT_EQ(back, last);
  }
}

TEST(ChannelsLast, GoesThereAndBack) {
  check({1, 16, 1, 1});
  check({2, 5, 3, 4});
  check({1, 37, 7, 5, kChannelBlock, {1, 2, 3, 1}});
  check({2, 96, 56, 56, kChannelBlock, {3, 3, 3, 3}});
}

}  // namespace
}  // namespace pleat
