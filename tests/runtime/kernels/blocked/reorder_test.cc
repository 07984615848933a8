#include "runtime/kernels/blocked/reorder.h"

#include <gtest/gtest.h>

#include "tests/support/blocked_planes.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(Reorder, MovesEveryValueBetweenAnyTwoLayouts) {
  const Halo halos[] = {{}, {1, 1, 1, 1}, {0, 2, 1, 3}};
  const std::int64_t sizes[][4] = {{1, 16, 7, 7}, {2, 19, 5, 9},   {1, 3, 4, 33},
                                   {3, 1, 1, 1},  {1, 64, 32, 40}, {1, 40, 3, 130}};
  for_each_isa([&](Isa) {
    for (const auto& [batch, channels, height, width] : sizes) {
      const auto values = random_values<float>(batch * channels * height * width, 1);
      for (int pair = 0; pair < 4; ++pair)
        for (const Halo& before : halos)
          for (const Halo& after : halos)
            for (int threads : {1, 2}) {
              Planes from{batch, channels, height, width, pair & 1 ? kChannelBlock : 1, before};
              Planes to{batch, channels, height, width, pair & 2 ? kChannelBlock : 1, after};
              const PoisonedFloats x = laid_out(from, values);
              PoisonedFloats y(to.elements());
              ThreadPool pool(threads);
              reorder(from, x.data(), to, y.data(), pool);
              ASSERT_EQ(read_planes(to, y), values) << from.lanes << " to " << to.lanes << " lanes, " << channels;
            }
    }
  });
}

TEST(Reorder, LeavesZerosInSpareLanes) {
  const Planes from{1, 18, 3, 5, 1, {}}, to{1, 18, 3, 5, kChannelBlock, {1, 1, 1, 1}};
  const PoisonedFloats x = laid_out(from, random_values<float>(18 * 15, 2));
  for_each_isa([&](Isa) {
    PoisonedFloats y(to.elements());
    ThreadPool pool;
    reorder(from, x.data(), to, y.data(), pool);
    for (std::int64_t c = 2; c < kChannelBlock; ++c) EXPECT_EQ(y.data()[to.offset(0, 1, 2, 4) + c], 0);
  });
}

}  // namespace
}  // namespace pleat
