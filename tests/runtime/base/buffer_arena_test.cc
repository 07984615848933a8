#include "runtime/base/buffer_arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <thread>
#include <vector>

#include "tests/support/resident_bytes.h"
#include "tests/support/sanitized.h"

namespace pleat {
namespace {

constexpr std::size_t kMiB = 1 << 20;

std::uintptr_t address(AlignedBuffer& buffer) { return reinterpret_cast<std::uintptr_t>(buffer.data()); }

bool holds_only(AlignedBuffer& buffer, std::byte value) {
  return std::count(buffer.data(), buffer.data() + buffer.size(), value) == static_cast<std::ptrdiff_t>(buffer.size());
}

TEST(BufferArena, BuffersAreAlignedZeroApartAndOutliveIt) {
  std::vector<AlignedBuffer> buffers;
  {
    BufferArena arena;
    for (std::size_t size = 1; size < 4 * kMiB; size = size * 3 + 1) buffers.push_back(arena.take(size));
    buffers.push_back(arena.take(100 * kMiB));
    buffers.push_back(arena.take(1000));
  }
  for (AlignedBuffer& buffer : buffers) {
    ASSERT_FALSE(buffer.failed());
    EXPECT_EQ(address(buffer) % AlignedBuffer::kAlignment, 0U);
    EXPECT_TRUE(holds_only(buffer, std::byte{0}));
  }
  for (std::size_t i = 0; i < buffers.size(); ++i)
    std::fill_n(buffers[i].data(), buffers[i].size(), static_cast<std::byte>(i + 1));
  for (std::size_t i = 0; i < buffers.size(); ++i) EXPECT_TRUE(holds_only(buffers[i], static_cast<std::byte>(i + 1)));
}

TEST(BufferArena, BuffersOfALargeModelLieSideBySideFromAHugePageOn) {
  BufferArena arena;
  AlignedBuffer first = arena.take(kMiB);  // all that small models get
  AlignedBuffer second = arena.take(100000);
  AlignedBuffer third = arena.take(3 * kMiB);
  EXPECT_EQ(address(second) % (2 * kMiB), 0U);
  EXPECT_EQ(address(third), address(second) + 100032);
}

TEST(BufferArena, OfNoBytesHoldsNothing) {
  BufferArena arena;
  for (std::size_t before : {std::size_t{0}, 2 * kMiB}) {
    static_cast<void>(arena.take(before));
    EXPECT_FALSE(arena.take(0).failed());
  }
}

TEST(BufferArena, SaysWhenMemoryDoesNotSufficeAndGoesOn) {
  BufferArena arena;
  for (std::size_t size : {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX / 4}) EXPECT_TRUE(arena.take(size).failed());
  EXPECT_FALSE(arena.take(2 * kMiB).failed());
}

TEST(BufferArena, TakesLittleMoreMemoryThanItsBuffersAndGivesItBack) {
  if (kThreadSanitized) GTEST_SKIP() << "memory grows by that of the sanitizer too";
  const std::int64_t before = resident_bytes();
  {
    BufferArena arena;
    std::vector<AlignedBuffer> buffers;
    for (int i = 0; i < 200; ++i) {
      buffers.push_back(arena.take(300000));
      std::fill_n(buffers.back().data(), buffers.back().size(), std::byte{1});
    }
    EXPECT_LT(resident_bytes() - before, 200 * 300000 + 6 * static_cast<std::int64_t>(kMiB));
  }
  EXPECT_LT(resident_bytes() - before, 2 * static_cast<std::int64_t>(kMiB));
}

TEST(BufferArena, ServesThreadsAtOnce) {
  BufferArena arena;
  std::vector<std::vector<AlignedBuffer>> taken(4);
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < taken.size(); ++t)
    threads.emplace_back([&, t] {
      for (std::size_t i = 1; i < 100; ++i) {
        taken[t].push_back(arena.take(i * 1000));
        std::fill_n(taken[t].back().data(), i * 1000, static_cast<std::byte>(t + 1));
      }
    });
  for (std::thread& thread : threads) thread.join();
  for (std::size_t t = 0; t < taken.size(); ++t)
    for (AlignedBuffer& buffer : taken[t]) EXPECT_TRUE(holds_only(buffer, static_cast<std::byte>(t + 1)));
}

}  // namespace
}  // namespace pleat
