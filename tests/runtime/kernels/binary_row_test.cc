#include "runtime/kernels/binary_row.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/support/each_isa.h"
#include "tests/support/plain_binary.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

void check(BinaryFunction function, std::int64_t count, bool a_repeats, bool b_repeats) {
  const auto a = random_values<float>(a_repeats ? 1 : count, 1, -3, 3);
  const auto b = random_values<float>(b_repeats ? 1 : count, 2, -3, 3);
  constexpr float kUntouched = 77;
  std::vector<float> y(static_cast<std::size_t>(count) + 1, kUntouched);
  binary_row(function, {a.data(), a_repeats}, {b.data(), b_repeats}, y.data(), count);
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i)
    EXPECT_EQ(y[i], plain_binary(function, a[a_repeats ? 0 : i], b[b_repeats ? 0 : i])) << i << " of " << count;
  EXPECT_EQ(y.back(), kUntouched);
}

TEST(BinaryRow, HasTheBitsOfTheOperators) {
  for_each_isa([](Isa) {
    for (const auto function : {BinaryFunction::kAdd, BinaryFunction::kSub, BinaryFunction::kMul, BinaryFunction::kDiv})
      for (const std::int64_t count : {1, 7, 8, 16, 31, 1000})
        for (const bool a_repeats : {false, true})
          for (const bool b_repeats : {false, true}) check(function, count, a_repeats, b_repeats);
  });
}

TEST(BinaryRow, WorksInPlace) {
  for_each_isa([](Isa) {
    std::vector<float> y = random_values<float>(37, 3);
    const std::vector<float> before = y;
    const float two = 2;
    binary_row(BinaryFunction::kMul, {y.data(), false}, {&two, true}, y.data(), 37);
    binary_row(BinaryFunction::kAdd, {y.data(), false}, {y.data(), false}, y.data(), 37);
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(y[i], 4 * before[i]);
  });
}

}  // namespace
}  // namespace pleat
