#include "runtime/kernels/layer_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/kernels/moments.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

template <class T>
void check(std::int64_t lines, std::int64_t length, bool shifted) {
  constexpr T kEpsilon = T(1e-5F);
  const auto x = random_values<T>(lines * length, 1, -2, 5);
  const auto scale = random_values<T>(length, 2), shift = random_values<T>(length, 3);
  std::vector<T> expected;
  for (std::int64_t line = 0; line < lines; ++line) {
    const T* from = x.data() + line * length;
    const auto [mean, variance] = moments(from, length);
    const T factor = 1 / std::sqrt(variance + kEpsilon);
    for (std::int64_t i = 0; i < length; ++i) {
      const auto at = static_cast<std::size_t>(i);
      expected.push_back(std::fma((from[i] - mean) * factor, scale[at], shifted ? shift[at] : 0));
    }
  }
  for_each_isa([&](Isa) {
    for (bool in_place : {false, true}) {
      std::vector<T> y = in_place ? x : std::vector<T>(x.size(), std::numeric_limits<T>::quiet_NaN());
      layer_norm<T>({lines, length, in_place ? y.data() : x.data(), scale.data(), shifted ? shift.data() : nullptr,
                     kEpsilon, y.data()});
      EXPECT_EQ(y, expected) << lines << " lines of " << length;
    }
  });
}

TEST(LayerNorm, IsTheFormulaOnEveryInstructionSet) {
  for (std::int64_t lines : {1, 3, 4, 9})
    for (std::int64_t length : {1, 2, 5, 9, 15, 16, 17, 31, 40, 96, 203})
      for (bool shifted : {false, true}) {
        check<float>(lines, length, shifted);
        check<double>(lines, length, shifted);
      }
}

TEST(LayerNorm, NanStaysInItsLine) {
  for_each_isa([](Isa) {
    std::vector<float> x = random_values<float>(8 * 20, 1), y(x.size());
    x[45] = std::numeric_limits<float>::quiet_NaN();
    const std::vector<float> ones(20, 1);
    layer_norm<float>({8, 20, x.data(), ones.data(), nullptr, 1e-5F, y.data()});
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i / 20 == 2) << i;
  });
}

}  // namespace
}  // namespace pleat
