#include "runtime/kernels/elementary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "runtime/kernels/unary.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"
#include "tests/support/ulps.h"

namespace pleat {
namespace {

long double exact_sigmoid(long double x) { return x < 0 ? std::exp(x) / (1 + std::exp(x)) : 1 / (1 + std::exp(-x)); }

/// Even steps over [low, high] and random values near 0.
template <class T>
std::vector<T> samples(double low, double high) {
  std::vector<T> x = random_values<T>(200000, 11, low, high);
  for (T value : random_values<T>(100000, 12, -1, 1)) x.push_back(value);
  for (T value : random_values<T>(20000, 13, -1e-3, 1e-3)) x.push_back(value);
  return x;
}

template <class T>
const std::vector<T> kEdges = {T(0),
                               -T(0),
                               std::numeric_limits<T>::infinity(),
                               -std::numeric_limits<T>::infinity(),
                               std::numeric_limits<T>::max(),
                               std::numeric_limits<T>::lowest(),
                               std::numeric_limits<T>::denorm_min(),
                               -std::numeric_limits<T>::denorm_min(),
                               T(1e30),
                               T(-1e30)};

template <class T>
void check_exp(double low, double high, long double bound) {
  long double worst = 0;
  for (T x : samples<T>(low, high))
    worst = std::max(worst, ulps(reference::exp(ScalarOps<T>(), x), std::exp(static_cast<long double>(x))));
  testing::Test::RecordProperty("max_ulp", std::to_string(worst));
  EXPECT_LE(worst, bound);
  EXPECT_GT(worst, 0.4L) << "a measure below half an ulp measures nothing";
}

TEST(Exp, FloatIsWithinItsBound) { check_exp<float>(-103.5, 88.72, 1.1L); }
TEST(Exp, DoubleIsWithinItsBound) { check_exp<double>(-744.5, 709.7, 1.0L); }

template <class T>
void check_sigmoid(double low, double high, long double bound) {
  long double worst = 0;
  for (T x : samples<T>(low, high)) {
    const T y = reference::sigmoid(ScalarOps<T>(), x);
    const long double exact = exact_sigmoid(x);
    if (exact >= std::numeric_limits<T>::min())
      worst = std::max(worst, ulps(y, exact));
    else
      ASSERT_TRUE(y == 0 || ulps(y, exact) <= bound) << x;  // a run makes 0 of it
  }
  testing::Test::RecordProperty("max_ulp", std::to_string(worst));
  EXPECT_LE(worst, bound);
  EXPECT_GT(worst, 0.4L);
}

TEST(Sigmoid, FloatIsWithinItsBound) { check_sigmoid<float>(-103.5, 103.5, 6); }
TEST(Sigmoid, FloatIsWithinItsBoundNearZero) { check_sigmoid<float>(-20, 20, 3.2L); }
TEST(Sigmoid, DoubleIsWithinItsBound) { check_sigmoid<double>(-744.5, 744.5, 2.5L); }

template <class T>
void check_edges(T overflow, T least, T underflow) {
  const auto e = [](T x) { return reference::exp(ScalarOps<T>(), x); };
  const auto s = [](T x) { return reference::sigmoid(ScalarOps<T>(), x); };
  const T inf = std::numeric_limits<T>::infinity();
  const T nan = std::numeric_limits<T>::quiet_NaN();
  EXPECT_EQ(e(0), 1);
  EXPECT_EQ(e(-T(0)), 1);
  EXPECT_EQ(e(inf), inf);
  EXPECT_EQ(e(-inf), 0);
  EXPECT_TRUE(std::isnan(e(nan)));
  EXPECT_TRUE(std::isnan(e(-nan)));
  EXPECT_EQ(e(overflow), inf);
  EXPECT_LT(e(std::nextafter(overflow, T(0))), inf);
  EXPECT_EQ(e(underflow), 0);
  EXPECT_EQ(e(least), std::numeric_limits<T>::denorm_min());
  EXPECT_EQ(s(0), T(0.5));
  EXPECT_EQ(s(inf), 1);
  EXPECT_EQ(s(-inf), 0);
  EXPECT_TRUE(std::isnan(s(nan)));
  EXPECT_EQ(s(std::numeric_limits<T>::max()), 1);
  EXPECT_EQ(s(std::numeric_limits<T>::lowest()), 0);
}

TEST(Elementary, FloatEdges) { check_edges<float>(88.722839F, -103.97F, -103.98F); }
TEST(Elementary, DoubleEdges) { check_edges<double>(709.7827128933841, -745.13, -745.14); }

template <class T>
void check_bits(Unary function) {
  std::vector<T> x = samples<T>(-110, 110);
  for (T value : kEdges<T>) x.insert(x.begin() + 5, value);
  x.insert(x.begin() + 3, std::numeric_limits<T>::quiet_NaN());
  for (T value : random_values<T>(50000, 14, -760, 720)) x.push_back(value);
  for (std::size_t count : {x.size(), std::size_t{131}, std::size_t{64}, std::size_t{31}, std::size_t{16},
                            std::size_t{7}, std::size_t{1}}) {
    x.resize(count);
    std::vector<T> expected;
    for_each_isa([&](Isa isa) {
      for (int threads : {1, 2}) {
        ThreadPool pool(threads);
        std::vector<T> y(count);
        unary<T>(function, 0, 0, x.data(), y.data(), static_cast<std::int64_t>(count), pool);
        if (isa == Isa::kReference && threads == 1) expected = y;
        EXPECT_TRUE(same_bits(y, expected)) << count << " values, " << threads << " threads";
      }
    });
  }
}

TEST(Elementary, SameBitsOnEveryInstructionSet) {
  for (Unary function : {Unary::kIdentity, Unary::kExp, Unary::kRelu, Unary::kSigmoid, Unary::kSilu}) {
    check_bits<float>(function);
    check_bits<double>(function);
  }
}

TEST(Silu, IsTheProductWithItsSigmoid) {
  const auto x = random_values<float>(1000, 3, -20, 20);
  std::vector<float> y(x.size());
  activate({Unary::kSilu}, x.data(), y.data(), 1000);
  for (std::size_t i = 0; i < x.size(); ++i)
    EXPECT_EQ(y[i], x[i] * reference::sigmoid(ScalarOps<float>(), x[i])) << x[i];
}

TEST(Relu, KeepsNanAndNegativeZero) {
  const std::vector<float> x = {-1, -0.0F, 0, 2, std::numeric_limits<float>::quiet_NaN()};
  for_each_isa([&](Isa) {
    std::vector<float> y(5);
    ThreadPool pool;
    unary<float>(Unary::kRelu, 0, 0, x.data(), y.data(), 5, pool);
    EXPECT_EQ(y[0], 0);
    EXPECT_FALSE(std::signbit(y[0]));
    EXPECT_TRUE(std::signbit(y[1]));
    EXPECT_EQ(y[3], 2);
    EXPECT_TRUE(std::isnan(y[4]));
  });
}

}  // namespace
}  // namespace pleat
