#include "runtime/kernels/blocked/gather_pixels.h"

#include <gtest/gtest.h>

#include "tests/support/blocked_planes.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(GatherPixels, TakesEachFromItsPlaceOrFills) {
  constexpr std::int64_t kFilled = PixelGather::kFilled;
  const std::vector<std::int64_t> rows = {2, kFilled, 0, 0, 3}, columns = {kFilled, 4, 3, 0, 1, 1, kFilled};
  const Planes x{2, 19, 4, 5, kChannelBlock, {1, 0, 2, 1}};
  const Planes y{2, 19, 5, 7, kChannelBlock, {0, 2, 1, 1}};
  const auto values = random_values<float>(2 * 19 * 4 * 5, 1);
  std::vector<float> expected;
  for (std::size_t plane = 0; plane < 2 * 19; ++plane)
    for (const std::int64_t row : rows)
      for (const std::int64_t column : columns)
        expected.push_back(row == kFilled || column == kFilled
                               ? 0.5F
                               : values[plane * 20 + static_cast<std::size_t>(row * 5 + column)]);
  const PoisonedFloats in = laid_out(x, values);
  for (int threads : {1, 2}) {
    ThreadPool pool(threads);
    PoisonedFloats out(y.elements());
    gather_pixels(
        {.x_planes = x, .y_planes = y, .rows = rows, .columns = columns, .x = in.data(), .fill = 0.5F, .y = out.data()},
        pool);
    EXPECT_EQ(read_planes(y, out), expected);
  }
}

}  // namespace
}  // namespace pleat
