#include "runtime/base/aligned_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "tests/support/resident_bytes.h"
#include "tests/support/sanitized.h"

namespace pleat {
namespace {

TEST(AlignedBuffer, IsAlignedAndZeroUpToAWholeCacheLine) {
  for (std::size_t size : {1U, 63U, 64U, 65U, 1000U}) {
    AlignedBuffer buffer(size);
    ASSERT_FALSE(buffer.failed());
    EXPECT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % AlignedBuffer::kAlignment, 0U);
    const std::size_t padded = (size + 63) / 64 * 64;
    EXPECT_EQ(std::count(buffer.data(), buffer.data() + padded, std::byte{0}), static_cast<std::ptrdiff_t>(padded));
  }
}

TEST(AlignedBuffer, OfNoBytesHoldsNothingAndDidNotFail) {
  const AlignedBuffer buffer(0);
  EXPECT_EQ(buffer.data(), nullptr);
  EXPECT_FALSE(buffer.failed());
}

TEST(AlignedBuffer, SaysWhenMemoryDoesNotSuffice) {
  for (std::size_t size : {SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - AlignedBuffer::kAlignment + 1}) {
    const AlignedBuffer buffer(size);
    EXPECT_TRUE(buffer.failed());
    EXPECT_EQ(buffer.data(), nullptr);
  }
}

TEST(AlignedBuffer, SaysWhenNoMachineHasSoMuch) {
  const AlignedBuffer buffer(SIZE_MAX / 4);
  EXPECT_TRUE(buffer.failed());
}

TEST(AlignedBuffer, LargeOnesAreZeroStartAtAHugePageAndEndWithTheirBytes) {
  for (const std::size_t size : {AlignedBuffer::kHuge, AlignedBuffer::kHuge + 1, AlignedBuffer::kHuge * 3 - 64}) {
    AlignedBuffer buffer(size);
    ASSERT_FALSE(buffer.failed());
    EXPECT_EQ(buffer.size(), size);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % (2 << 20), 0U);
    EXPECT_EQ(std::count(buffer.data(), buffer.data() + size, std::byte{0}), static_cast<std::ptrdiff_t>(size));
    std::fill_n(buffer.data(), size, std::byte{1});
  }
}

TEST(AlignedBuffer, LargeOnesTakeMemoryWhenTouchedNoMoreThanTheyHaveAndGiveItBack) {
  if (kThreadSanitized) GTEST_SKIP() << "memory grows by that of the sanitizer too";
  const std::int64_t before = resident_bytes();
  {
    AlignedBuffer buffer(64 << 20);
    ASSERT_FALSE(buffer.failed());
    EXPECT_LT(resident_bytes() - before, 4 << 20) << "nothing was touched yet";
    const std::size_t touched = (20 << 20) + 4096;
    std::fill_n(buffer.data(), touched, std::byte{1});
    EXPECT_GE(resident_bytes() - before, 20 << 20);
    EXPECT_LT(resident_bytes() - before, 24 << 20);
  }
  EXPECT_LT(resident_bytes() - before, 4 << 20);
  {
    AlignedBuffer whole((5 << 20) + 4096);  // two huge pages and small ones for the rest
    std::fill_n(whole.data(), whole.size(), std::byte{1});
    EXPECT_LT(resident_bytes() - before, (5 << 20) + (1 << 20));
  }
}

TEST(AlignedBuffer, MovingHandsOverTheBytes) {
  AlignedBuffer buffer(8);
  const std::byte* bytes = buffer.data();
  const AlignedBuffer taken = std::move(buffer);
  EXPECT_EQ(taken.data(), bytes);
  EXPECT_EQ(taken.size(), 8U);
}

}  // namespace
}  // namespace pleat
