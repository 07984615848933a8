#include "runtime/kernels/cast.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "runtime/tensor/half.h"

namespace pleat {
namespace {

template <class To, class From>
std::vector<To> cast(const std::vector<From>& x, DType from = dtype_of<From>, DType to = dtype_of<To>) {
  std::vector<To> y(x.size());
  ThreadPool pool(2);
  cast_elements(from, x.data(), to, y.data(), static_cast<std::int64_t>(x.size()), pool);
  return y;
}

TEST(Cast, FloatsToIntegersCutAndSaturate) {
  const float inf = std::numeric_limits<float>::infinity();
  const std::vector<float> x = {1.9F, -1.9F, 300, -300, inf, -inf, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ((cast<std::int8_t>(x)), (std::vector<std::int8_t>{1, -1, 127, -128, 127, -128, 0}));
  EXPECT_EQ((cast<std::uint8_t>(x)), (std::vector<std::uint8_t>{1, 0, 255, 0, 255, 0, 0}));
  EXPECT_EQ((cast<std::int64_t>(std::vector<double>{0x1p63, -0x1p63, 0x1p62})),
            (std::vector<std::int64_t>{INT64_MAX, INT64_MIN, std::int64_t{1} << 62}));
  EXPECT_EQ((cast<std::int32_t>(std::vector<float>{0x1p31F, 2147483520.0F})),
            (std::vector<std::int32_t>{INT32_MAX, 2147483520}));
}

TEST(Cast, IntegersWrapAndRound) {
  EXPECT_EQ((cast<std::int8_t>(std::vector<std::int32_t>{129, -129, 256})), (std::vector<std::int8_t>{-127, 127, 0}));
  EXPECT_EQ((cast<std::uint64_t>(std::vector<std::int32_t>{-1})), (std::vector<std::uint64_t>{UINT64_MAX}));
  EXPECT_EQ((cast<float>(std::vector<std::int64_t>{16777217, 16777219})), (std::vector<float>{16777216, 16777220}));
}

TEST(Cast, HalvesRoundOnce) {
  // Above the middle of two halves by less than a float can tell beside 1.
  const double x = 1 + 0x1p-11 + 0x1p-30;
  EXPECT_EQ((cast<std::uint16_t>(std::vector<double>{x}, DType::kDouble, DType::kFloat16))[0], double_to_half(x));
  EXPECT_EQ(double_to_half(x), 0x3c01);
  EXPECT_EQ((cast<std::uint16_t>(std::vector<float>{1e6F, 1.5F}, DType::kFloat, DType::kFloat16)),
            (std::vector<std::uint16_t>{0x7c00, 0x3e00}));
  EXPECT_EQ((cast<float>(std::vector<std::uint16_t>{0x3e00}, DType::kFloat16, DType::kFloat)),
            (std::vector<float>{1.5F}));
  EXPECT_EQ((cast<std::uint16_t>(std::vector<std::uint16_t>{0x3e00}, DType::kFloat16, DType::kBfloat16)),
            (std::vector<std::uint16_t>{0x3fc0}));
  EXPECT_EQ((cast<std::int8_t>(std::vector<std::uint16_t>{0x3fc0}, DType::kBfloat16, DType::kInt8)),
            (std::vector<std::int8_t>{1}));
}

TEST(Cast, AllButZeroIsTrue) {
  const std::vector<float> x = {0, -0.0F, 0.1F, std::numeric_limits<float>::quiet_NaN()};
  EXPECT_EQ((cast<std::uint8_t>(x, DType::kFloat, DType::kBool)), (std::vector<std::uint8_t>{0, 0, 1, 1}));
  EXPECT_EQ((cast<double>(std::vector<std::uint8_t>{0, 1}, DType::kBool, DType::kDouble)), (std::vector<double>{0, 1}));
}

TEST(Cast, KnowsWhatItCan) {
  EXPECT_TRUE(is_castable(DType::kBfloat16));
  EXPECT_FALSE(is_castable(DType::kString));
  EXPECT_FALSE(is_castable(DType::kComplex64));
  EXPECT_FALSE(is_castable(static_cast<DType>(17)));
}

}  // namespace
}  // namespace pleat
