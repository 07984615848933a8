#include "runtime/kernels/moments.h"

#include <gtest/gtest.h>

#include <vector>

#include "runtime/kernels/lane_sum.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"
#include "tests/support/ulps.h"

namespace pleat {
namespace {

template <class T>
void check_moments() {
  for (std::int64_t count : {1, 2, 15, 16, 17, 31, 100, 1000}) {
    const auto x = random_values<T>(count, 3, -2, 5);
    LaneSum<T> sum, squares, own_squares;
    for (T value : x) sum.add(value), own_squares.add_square(value);
    const T mean = sum.total() / static_cast<T>(count);
    for (T value : x) squares.add_square(value - mean);
    for_each_isa([&](Isa) {
      EXPECT_EQ(mean_square(x.data(), count), own_squares.total() / static_cast<T>(count)) << count;
      const Moments<T> got = moments(x.data(), count);
      EXPECT_EQ(got.mean, mean) << count;
      EXPECT_EQ(got.variance, squares.total() / static_cast<T>(count)) << count;
    });
  }
}

TEST(Moments, AreLaneSums) {
  check_moments<float>();
  check_moments<double>();
}

template <class T>
void check_line() {
  const T mean = T(0.3), factor = T(1.7);
  for (std::int64_t count : {1, 7, 16, 33, 100}) {
    const auto x = random_values<T>(count, 1), scale = random_values<T>(count, 2), shift = random_values<T>(count, 3);
    std::vector<T> shifted, plain;
    for (std::size_t i = 0; i < x.size(); ++i) {
      shifted.push_back(std::fma((x[i] - mean) * factor, scale[i], shift[i]));
      plain.push_back((x[i] - mean) * factor * scale[i]);
    }
    for_each_isa([&](Isa) {
      std::vector<T> y = x;
      normalize_line(y.data(), mean, factor, scale.data(), shift.data(), y.data(), count);
      EXPECT_TRUE(same_bits(y, shifted));
      normalize_line(x.data(), mean, factor, scale.data(), static_cast<const T*>(nullptr), y.data(), count);
      EXPECT_TRUE(same_bits(y, plain));
    });
  }
}

TEST(NormalizeLine, IsTheFormula) {
  check_line<float>();
  check_line<double>();
}

}  // namespace
}  // namespace pleat
