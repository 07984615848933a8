#include "runtime/kernels/blocked/channels_last.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "runtime/base/check.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/parallel_rows.h"

namespace pleat {
namespace {

/// Pixels whose channels are moved block by block: all of them stay in the first cache meanwhile.
constexpr std::int64_t kPixels = 8;

/// Where some pixels of a block begin and how far apart they are.
template <class T>
struct Pixels {
  T* first;
  std::int64_t step;
};

void move_pixels(Pixels<const float> from, Pixels<float> to, std::int64_t count, std::int64_t lanes) {
  const auto move = [&](auto width) {
    for (std::int64_t i = 0; i < count; ++i)
      std::memcpy(to.first + i * to.step, from.first + i * from.step, width * sizeof(float));
  };
  if (lanes == kChannelBlock)
    move(std::integral_constant<std::size_t, kChannelBlock>());
  else
    move(static_cast<std::size_t>(lanes));
}

/// Calls move(elements before some pixels of a block in channels-last order, in planes, pixels, lanes) for all blocks
/// of `rows` of image n.
template <class Move>
void for_each_part(const Planes& planes, std::int64_t n, Interval rows, const Move& move) {
  for (std::int64_t row = rows.begin; row < rows.end; ++row) {
    const std::int64_t first = (n * planes.height + row) * planes.width;
    for (std::int64_t column = 0; column < planes.width; column += kPixels)
      for (std::int64_t b = 0; b < planes.blocks(); ++b)
        move((first + column) * planes.channels + b * kChannelBlock, planes.offset(n, b, row, column),
             std::min(kPixels, planes.width - column), std::min(kChannelBlock, planes.channels - b * kChannelBlock));
  }
}

/// Calls body(image, rows) on disjoint rows, each with all its blocks, on the threads of the pool.
template <class Body>
void parallel_whole_rows(const Planes& planes, ThreadPool& pool, const Body& body) {
  PLEAT_CHECK(planes.lanes == kChannelBlock);
  const Planes rows = {planes.batch, 1, planes.height, planes.width, 1, {}};
  parallel_rows(rows, rows_worth_a_thread(planes.row() * planes.blocks()), pool,
                [&](std::int64_t n, std::int64_t, Interval some) { body(n, some); });
}

}  // namespace

void to_channels_last(const Planes& planes, const float* x, float* y, ThreadPool& pool) {
  parallel_whole_rows(planes, pool, [&](std::int64_t n, Interval rows) {
    for_each_part(planes, n, rows, [&](std::int64_t last, std::int64_t block, std::int64_t pixels, std::int64_t lanes) {
      move_pixels({x + block, kChannelBlock}, {y + last, planes.channels}, pixels, lanes);
    });
  });
}

void from_channels_last(const float* x, const Planes& planes, float* y, ThreadPool& pool) {
  parallel_whole_rows(planes, pool, [&](std::int64_t n, Interval rows) {
    for_each_part(planes, n, rows, [&](std::int64_t last, std::int64_t block, std::int64_t pixels, std::int64_t lanes) {
      move_pixels({x + last, planes.channels}, {y + block, kChannelBlock}, pixels, lanes);
    });
    for (std::int64_t b = 0; b < planes.blocks(); ++b) clear_halo(planes, y, n, b, rows);
    clear_spare_lanes(planes, y, n, rows);
  });
}

}  // namespace pleat
