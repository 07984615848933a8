#include "models/layers/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace pleat {
namespace {

TEST(Random, XavierStaysWithinItsBoundAndFillsIt) {
  Random random(1);
  std::vector<float> weight(20000);
  xavier_uniform<float>(weight, 150, 400, random);
  const double bound = std::sqrt(6.0 / 550);
  const auto [low, high] = std::minmax_element(weight.begin(), weight.end());
  EXPECT_LE(*high, bound);
  EXPECT_GE(*low, -bound);
  EXPECT_GT(*high, 0.99 * bound);
  EXPECT_LT(*low, -0.99 * bound);
  EXPECT_NEAR(std::accumulate(weight.begin(), weight.end(), 0.0) / 20000, 0, 0.02 * bound);
}

TEST(Random, BiasStaysWithinOneOverTheRootOfFanIn) {
  Random random(1);
  std::vector<double> bias(1000);
  bias_uniform<double>(bias, 25, random);
  for (const double b : bias) EXPECT_LE(std::abs(b), 0.2);
}

TEST(Random, SameSeedSameNumbersOtherSeedOthers) {
  Random a(9), b(9), c(10);
  const double first = a.uniform(0, 1);
  EXPECT_EQ(first, b.uniform(0, 1));
  EXPECT_NE(first, c.uniform(0, 1));
}

TEST(Random, StreamsOfOneSeedAreUnrelated) {
  Random parameters(9), order(9, 1), again(9, 1);
  const double first = order.uniform(0, 1);
  EXPECT_NE(first, parameters.uniform(0, 1));
  EXPECT_EQ(first, again.uniform(0, 1));
}

TEST(Random, ShuffleIsAPermutationThatTheSeedFixes) {
  std::vector<std::uint32_t> a(1000), sorted(1000);
  std::iota(sorted.begin(), sorted.end(), 0u);
  a = sorted;
  auto b = a;
  Random(4).shuffle(a);
  Random(4).shuffle(b);
  EXPECT_EQ(a, b);
  EXPECT_NE(a, sorted);
  std::sort(b.begin(), b.end());
  EXPECT_EQ(b, sorted);
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  Random random(2);
  double sum = 0, squares = 0;
  for (int i = 0; i < 20000; ++i) {
    const double z = random.normal();
    sum += z;
    squares += z * z;
  }
  EXPECT_NEAR(sum / 20000, 0, 0.03);
  EXPECT_NEAR(squares / 20000, 1, 0.05);
}

}  // namespace
}  // namespace pleat
