#include "runtime/kernels/blocked/pointwise.h"

#include <gtest/gtest.h>

#include <cmath>

#include "runtime/kernels/batch_norm.h"
#include "tests/support/blocked_planes.h"
#include "tests/support/each_isa.h"
#include "tests/support/plain_binary.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Sizes {
  std::int64_t batch, channels, height, width;
};
constexpr Sizes kSizes[] = {{1, 16, 7, 7}, {2, 35, 5, 9}, {1, 40, 31, 33},
                            {2, 3, 1, 1},  {1, 17, 6, 1}, {1, 64, 14, 14}};
constexpr Activation kActivations[] = {{},
                                       {Unary::kRelu, 0, 0},
                                       {Unary::kClip, 0, 6},
                                       {Unary::kSilu, 0, 0},
                                       {Unary::kLeakyRelu, 0.1F, 0},
                                       {Unary::kReciprocal, 0, 0}};

Planes planes_of(const Sizes& s, Halo halo = {}) {
  return {s.batch, s.channels, s.height, s.width, kChannelBlock, halo};
}

std::int64_t count_of(const Planes& p) { return p.batch * p.channels * p.height * p.width; }

/// Values of both signs with zeros of both signs, infinities and NaN among them.
std::vector<float> values_of(const Planes& p, unsigned seed) {
  auto values = random_values<float>(count_of(p), seed, -8, 8);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (i % 31 == 5) values[i] = i % 2 == 0 ? 0.0F : -0.0F;
    if (i % 101 == seed) values[i] = i % 2 == 0 ? INFINITY : std::numeric_limits<float>::quiet_NaN();
  }
  return values;
}

/// The value of `p` that serves one of y.
float served(const Planes& p, const std::vector<float>& values, std::int64_t n, std::int64_t c, std::int64_t y,
             std::int64_t x) {
  const auto index = [](std::int64_t i, std::int64_t size) { return size == 1 ? 0 : i; };
  const std::int64_t row = (index(n, p.batch) * p.channels + index(c, p.channels)) * p.height + index(y, p.height);
  return values[static_cast<std::size_t>(row * p.width + index(x, p.width))];
}

/// NaN are equal whatever their bits: x86 keeps the sign of the operand it meets first.
std::vector<std::uint32_t> bits_but_nan(std::vector<float> values) {
  for (float& v : values) v = std::isnan(v) ? std::numeric_limits<float>::quiet_NaN() : v;
  return bits_of(values);
}

std::vector<float> activated(const Activation& f, std::vector<float> values) {
  activate(f, values.data(), values.data(), static_cast<std::int64_t>(values.size()));
  return values;
}

template <class Kernel>
void expect_values(const Planes& y, const std::vector<float>& expected, const Kernel& kernel) {
  for_each_isa([&](Isa) {
    for (int threads : {1, 2}) {
      PoisonedFloats out(y.elements());
      ThreadPool pool(threads);
      kernel(out.data(), pool);
      ASSERT_EQ(bits_but_nan(read_planes(y, out)), bits_but_nan(expected)) << threads << " threads";
    }
  });
}

void check_binary(BinaryFunction function, const Activation& f, const Planes& a, const Planes& b, const Planes& y) {
  const auto a_values = values_of(a, 1), b_values = values_of(b, 2);
  std::vector<float> expected;
  for (std::int64_t n = 0; n < y.batch; ++n)
    for (std::int64_t c = 0; c < y.channels; ++c)
      for (std::int64_t i = 0; i < y.height; ++i)
        for (std::int64_t j = 0; j < y.width; ++j)
          expected.push_back(plain_binary(function, served(a, a_values, n, c, i, j), served(b, b_values, n, c, i, j)));
  const PoisonedFloats a_in = laid_out(a, a_values), b_in = laid_out(b, b_values);
  expect_values(y, activated(f, expected), [&](float* out, ThreadPool& pool) {
    binary({function, {a, a_in.data()}, {b, b_in.data()}, y, out, f}, pool);
  });
}

TEST(BlockedBinary, TakesOperandsOfAnyHalo) {
  constexpr Halo kHalos[][3] = {
      {{}, {}, {}}, {{1, 1, 1, 1}, {0, 2, 1, 0}, {2, 1, 3, 0}}, {{}, {1, 1, 1, 1}, {}}, {{}, {}, {1, 1, 1, 1}}};
  std::size_t round = 0;
  for (const Sizes& s : kSizes)
    for (auto function : {BinaryFunction::kAdd, BinaryFunction::kSub, BinaryFunction::kMul, BinaryFunction::kDiv})
      for (const Activation& f : kActivations) {
        const auto& halos = kHalos[(round++ * 7 / 6) % std::size(kHalos)];
        check_binary(function, f, planes_of(s, halos[0]), planes_of(s, halos[1]), planes_of(s, halos[2]));
      }
}

TEST(BlockedBinary, SpreadsOperandsOverTheAxesTheyLack) {
  for (const Sizes& s : kSizes)
    for (const Halo& halo : {Halo{}, Halo{1, 1, 1, 1}})
      for (const Activation& f : {kActivations[0], kActivations[3]}) {
        const Planes y = planes_of(s, halo);
        const Planes others[] = {planes_of({s.batch, s.channels, 1, 1}),
                                 planes_of({1, s.channels, 1, 1}),
                                 planes_of({1, s.channels, s.height, s.width}, {1, 0, 0, 1}),
                                 planes_of({s.batch, s.channels, s.height, 1}),
                                 planes_of({s.batch, s.channels, 1, s.width}, {1, 1, 1, 1}),
                                 {1, 1, 1, 1, 1, {}},
                                 {s.batch, 1, s.height, s.width, 1, {}},
                                 {s.batch, 1, s.height, s.width, 1, {1, 1, 1, 1}},
                                 {1, 1, s.height, 1, 1, {}}};
        for (const Planes& other : others) {
          check_binary(BinaryFunction::kMul, f, y, other, y);
          check_binary(BinaryFunction::kSub, f, other, y, y);
        }
      }
}

TEST(BlockedBinary, MayOverwriteAnOperand) {
  const Planes p = planes_of({1, 20, 5, 6}, {1, 1, 1, 1});
  const auto values = values_of(p, 1);
  std::vector<float> expected;
  for (float v : values) expected.push_back(v + v);
  for_each_isa([&](Isa) {
    PoisonedFloats x = laid_out(p, values);
    ThreadPool pool;
    binary({BinaryFunction::kAdd, {p, x.data()}, {p, x.data()}, p, x.data(), {}}, pool);
    EXPECT_EQ(bits_but_nan(read_planes(p, x)), bits_but_nan(expected));
  });
}

TEST(BlockedActivate, HasTheBitsOfTheRowMajorKernel) {
  for (const Sizes& s : kSizes)
    for (const Activation& f : kActivations)
      for (const Halo& before : {Halo{}, Halo{1, 1, 1, 1}})
        for (const Halo& after : {Halo{}, Halo{2, 1, 0, 1}}) {
          const Planes from = planes_of(s, before), to = planes_of(s, after);
          const auto values = values_of(from, 1);
          const PoisonedFloats in = laid_out(from, values);
          expect_values(to, activated(f, values),
                        [&](float* out, ThreadPool& pool) { activate(f, from, in.data(), to, out, pool); });
        }
}

TEST(BlockedNormalize, HasTheBitsOfTheRowMajorKernel) {
  for (const Sizes& s : kSizes)
    for (const Activation& f : kActivations)
      for (const Halo& after : {Halo{}, Halo{2, 1, 0, 1}}) {
        const Planes from = planes_of(s), to = planes_of(s, after);
        const Planes vector = planes_of({1, s.channels, 1, 1});
        const auto values = values_of(from, 1);
        const auto mean = random_values<float>(s.channels, 2), scale = random_values<float>(s.channels, 3),
                   shift = random_values<float>(s.channels, 4);
        std::vector<float> expected(values.size());
        ThreadPool one;
        normalize<float>({.batch = s.batch,
                          .channels = s.channels,
                          .spatial = s.height * s.width,
                          .x = values.data(),
                          .mean = mean.data(),
                          .scale = scale.data(),
                          .shift = shift.data(),
                          .y = expected.data()},
                         one);
        const PoisonedFloats in = laid_out(from, values), means = laid_out(vector, mean),
                             scales = laid_out(vector, scale), shifts = laid_out(vector, shift);
        expect_values(to, activated(f, expected), [&](float* out, ThreadPool& pool) {
          normalize({from, to, in.data(), means.data(), scales.data(), shifts.data(), out, f}, pool);
        });
      }
}

}  // namespace
}  // namespace pleat
