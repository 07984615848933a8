#include "runtime/kernels/softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/kernels/lane_sum.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

TEST(LaneSum, OrderIsSixteenLanesThenHalves) {
  const auto x = random_values<float>(37, 1, -1e3, 1e3);
  float lanes[16] = {};
  for (std::size_t i = 0; i < x.size(); ++i) lanes[i % 16] += x[i];
  for (std::size_t half : {8U, 4U, 2U, 1U})
    for (std::size_t i = 0; i < half; ++i) lanes[i] += lanes[i + half];
  LaneSum<float> sum_by_value;
  for (float value : x) sum_by_value.add(value);
  EXPECT_EQ(sum_by_value.total(), lanes[0]);
  for_each_isa([&](Isa) { EXPECT_EQ(sum(x.data(), 37), lanes[0]); });
}

template <class T>
void check_sums() {
  for (std::int64_t count = 0; count <= 70; ++count) {
    const auto x = random_values<T>(count, static_cast<unsigned>(count), -10, 10);
    long double exact = 0, size = 0;
    for (T value : x) exact += value, size += std::fabs(value);
    T expected = 0;
    for_each_isa([&](Isa isa) {
      const T total = sum(x.data(), count);
      if (isa == Isa::kReference) expected = total;
      EXPECT_EQ(total, expected) << count;
    });
    // At most count/16 + 1 additions on a lane and 4 to combine.
    const long double u = std::numeric_limits<T>::epsilon() / 2;
    const long double steps = static_cast<long double>(count / 16 + 5);
    EXPECT_LE(std::fabs(expected - exact), (steps * u / (1 - steps * u) + 70 * 0x1p-64L) * size);
  }
}

TEST(Sum, SameBitsOnEveryInstructionSet) {
  check_sums<float>();
  check_sums<double>();
}

template <class T>
void check_softmax() {
  for (std::int64_t count : {1, 2, 10, 15, 16, 17, 33, 1000}) {
    const auto x = random_values<T>(count, static_cast<unsigned>(count), -20, 20);
    std::vector<T> expected;
    for_each_isa([&](Isa isa) {
      std::vector<T> y(x.size());
      softmax(x.data(), y.data(), count);
      if (isa == Isa::kReference) expected = y;
      EXPECT_EQ(y, expected) << count;
    });
    long double total = 0;
    for (T value : x) total += std::exp(static_cast<long double>(value));
    for (std::size_t i = 0; i < x.size(); ++i) {
      const long double exact = std::exp(static_cast<long double>(x[i])) / total;
      // x - max rounds with at most u·40 of absolute error here, which e^ turns into relative error, in numerator and
      // sum alike; exp brings 2u, the sum (count/16 + 5)u, its reciprocal and the product u each.
      const long double u = std::numeric_limits<T>::epsilon() / 2;
      EXPECT_LE(std::fabs(expected[i] - exact),
                (2 * (40 + 2) + static_cast<long double>(count / 16 + 5) + 2) * u * exact);
    }
  }
}

TEST(Softmax, SameBitsAndNearTheDefinition) {
  check_softmax<float>();
  check_softmax<double>();
}

TEST(Softmax, LargeInputsDoNotOverflowAndNanSpreads) {
  for_each_isa([](Isa) {
    const std::vector<float> large = {1e38F, 1e38F, -1e38F};
    std::vector<float> y(3);
    softmax(large.data(), y.data(), 3);
    EXPECT_EQ(y, (std::vector<float>{0.5F, 0.5F, 0}));
    const std::vector<float> bad = {0, std::numeric_limits<float>::quiet_NaN(), 1};
    softmax(bad.data(), y.data(), 3);
    for (float value : y) EXPECT_TRUE(std::isnan(value));
  });
}

}  // namespace
}  // namespace pleat
