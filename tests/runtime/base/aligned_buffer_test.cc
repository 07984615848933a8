#include "runtime/base/aligned_buffer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

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

TEST(AlignedBuffer, MovingHandsOverTheBytes) {
  AlignedBuffer buffer(8);
  const std::byte* bytes = buffer.data();
  const AlignedBuffer taken = std::move(buffer);
  EXPECT_EQ(taken.data(), bytes);
  EXPECT_EQ(taken.size(), 8U);
}

}  // namespace
}  // namespace pleat
