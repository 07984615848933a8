#include "runtime/kernels/gemm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "runtime/base/aligned_buffer.h"
#include "tests/support/each_isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Case {
  std::int64_t m, n, k;
  bool trans_a, trans_b;
};

template <class T>
struct Data {
  std::vector<T> a, b, start;
  GemmProblem<T> problem;

  explicit Data(const Case& c)
      : a(random_values<T>(c.m * c.k, 1)), b(random_values<T>(c.k * c.n, 2)), start(random_values<T>(c.m * c.n, 3)) {
    problem = {.m = c.m,
               .n = c.n,
               .k = c.k,
               .a = a.data(),
               .a_row = c.trans_a ? 1 : c.k,
               .a_k = c.trans_a ? c.m : 1,
               .b = b.data(),
               .b_k = c.trans_b ? 1 : c.n,
               .b_column = c.trans_b ? c.k : 1};
  }
};

/// Twice the same problem as a batch, so that batches are walked too. y starts as NaN, so what is left out is seen.
template <class T>
std::vector<T> run(const Data<T>& data, bool packed, int threads) {
  const auto& c = data.problem;
  std::vector<T> y(2 * data.start.size(), std::numeric_limits<T>::quiet_NaN());
  AlignedBuffer packed_b(packed_b_elements<T>(c.n, c.k) * sizeof(T));
  AlignedBuffer scratch(gemm_scratch_bytes(c, 2, threads));
  if (packed) pack_b(c, reinterpret_cast<T*>(packed_b.data()));
  ThreadPool pool(threads);
  const auto problem = [&](std::int64_t i) {
    GemmProblem<T> p = c;
    p.bias = data.start.data();
    p.bias_row = c.n;
    if (packed) p.packed_b = reinterpret_cast<const T*>(packed_b.data());
    p.y = y.data() + i * c.m * c.n;
    return p;
  };
  gemm<T>(2, problem, scratch.data(), pool);
  return y;
}

/// Bound of a chain of k fused multiply-adds: (k·u / (1 - k·u))·(|start| + Σ|a·b|), each step rounding once.
template <class T>
void expect_near_exact(const Data<T>& data, const std::vector<T>& y) {
  const auto& p = data.problem;
  const long double u = std::numeric_limits<T>::epsilon() / 2;
  for (std::int64_t i = 0; i < p.m; ++i)
    for (std::int64_t j = 0; j < p.n; ++j) {
      long double exact = data.start[static_cast<std::size_t>(i * p.n + j)];
      long double size = std::fabs(exact);
      for (std::int64_t k = 0; k < p.k; ++k) {
        const long double term = static_cast<long double>(p.a[i * p.a_row + k * p.a_k]) *
                                 static_cast<long double>(p.b[k * p.b_k + j * p.b_column]);
        exact += term;
        size += std::fabs(term);
      }
      // long double rounds too: 2^-64 per step of its own.
      const long double steps = static_cast<long double>(p.k);
      const long double bound = (steps * u / (1 - steps * u) + 2 * steps * 0x1p-64L) * size;
      ASSERT_LE(std::fabs(y[static_cast<std::size_t>(i * p.n + j)] - exact), bound) << i << ',' << j;
    }
}

template <class T>
void check_all() {
  const Case cases[] = {{1, 1, 1, false, false},     {1, 10, 84, false, true},   {1, 120, 400, false, true},
                        {5, 33, 7, false, false},    {6, 32, 16, true, false},   {7, 31, 17, false, true},
                        {13, 65, 9, true, true},     {25, 17, 40, false, false}, {64, 100, 3, false, false},
                        {12, 64, 150, false, false}, {3, 5, 0, false, false},    {61, 3, 11, true, false}};
  for (const Case& c : cases) {
    SCOPED_TRACE(testing::Message() << "m=" << c.m << " n=" << c.n << " k=" << c.k);
    const Data<T> data(c);
    std::vector<T> reference;
    for_each_isa([&](Isa isa) {
      if (isa == Isa::kReference) {
        reference = run(data, false, 1);
        expect_near_exact(data, reference);
      }
      for (bool packed : {false, true})
        for (int threads : {1, 2, 3}) EXPECT_EQ(run(data, packed, threads), reference) << packed << threads;
    });
  }
}

TEST(Gemm, FloatIsTheReferenceOnEveryInstructionSet) { check_all<float>(); }
TEST(Gemm, DoubleIsTheReferenceOnEveryInstructionSet) { check_all<double>(); }

TEST(Gemm, EveryRowCountOfATile) {
  for (std::int64_t m = 1; m <= 26; ++m) {
    const Data<float> data({m, 37, 5, false, false});
    std::vector<float> reference;
    for_each_isa([&](Isa isa) {
      const auto y = run(data, true, 1);
      if (isa == Isa::kReference) reference = y;
      EXPECT_EQ(y, reference) << m;
    });
  }
}

TEST(Gemm, TheSumIsOneFusedChainInOrder) {
  // 1 + 2^-24 - 1 + 2^-24·1: unfused or reordered sums give other bits than the chain worked out by hand.
  const std::vector<float> a = {1.0F, 0x1p-24F, -1.0F, 0x1.000002p0F};
  const std::vector<float> b = {1.0F, 1.0F, 1.0F, 0x1.000002p0F};
  float chain = 0.5F;
  for (std::size_t k = 0; k < 4; ++k) chain = std::fma(a[k], b[k], chain);
  for_each_isa([&](Isa) {
    float y = 0.5F;
    GemmProblem<float> p = {.m = 1, .n = 1, .k = 4, .a = a.data(), .a_row = 4, .a_k = 1, .b = b.data(), .b_k = 1};
    p.b_column = 1;
    p.y = &y;
    p.bias = &y;
    AlignedBuffer scratch(gemm_scratch_bytes(p, 1, 1));
    ThreadPool pool;
    gemm<float>(
        1, [&](std::int64_t) { return p; }, scratch.data(), pool);
    EXPECT_EQ(y, chain);
  });
}

/// One product with all that may follow it, in the order start, chain, a row for all, the addend, activation.
template <class T>
void check_finish(std::int64_t m, std::int64_t n, std::int64_t depth, Activation activation) {
  const Data<T> data({m, n, depth, false, false});
  const auto bias = random_values<T>(n, 4), row = random_values<T>(n, 6), addend = random_values<T>(m * n, 5);
  for (bool has_bias : {false, true})
    for (bool has_addend : {false, true}) {
      std::vector<T> expected(static_cast<std::size_t>(m * n));
      for (std::int64_t i = 0; i < m; ++i)
        for (std::int64_t j = 0; j < n; ++j) {
          T sum = has_bias ? bias[static_cast<std::size_t>(j)] : T{0};
          for (std::int64_t k = 0; k < depth; ++k)
            sum = std::fma(data.problem.a[i * depth + k], data.problem.b[k * n + j], sum);
          const auto at = static_cast<std::size_t>(i * n + j);
          expected[at] = has_addend ? sum + row[static_cast<std::size_t>(j)] + addend[at] : sum;
        }
      ThreadPool one;
      unary<T>(activation.function, activation.a, activation.b, expected.data(), expected.data(), m * n, one);
      for_each_isa([&](Isa) {
        for (bool packed : {false, true})
          for (int threads : {1, 2}) {
            ThreadPool pool(threads);
            AlignedBuffer packed_b(packed_b_elements<T>(n, depth) * sizeof(T));
            AlignedBuffer scratch(gemm_scratch_bytes(data.problem, 1, threads));
            pack_b(data.problem, reinterpret_cast<T*>(packed_b.data()));
            std::vector<T> y(expected.size(), std::numeric_limits<T>::quiet_NaN());
            GemmProblem<T> p = data.problem;
            if (packed) p.packed_b = reinterpret_cast<const T*>(packed_b.data());
            p.y = y.data();
            if (has_bias) p.bias = bias.data();
            if (has_addend) p.addends = {{{row.data(), 0}, {addend.data(), n}}};
            p.activation = activation;
            gemm<T>(
                1, [&](std::int64_t) { return p; }, scratch.data(), pool);
            EXPECT_EQ(y, expected) << m << 'x' << n << ' ' << packed << threads;
          }
      });
    }
}

TEST(Gemm, BiasAddendAndActivationAreThoseOfSeparateOperators) {
  for (Activation activation : {Activation{}, Activation{Unary::kRelu}, Activation{Unary::kClip, -0.5F, 0.75F},
                                Activation{Unary::kGelu}, Activation{Unary::kLeakyRelu, 0.1F}})
    for (std::int64_t m : {1, 2, 3, 4, 15, 40})
      for (std::int64_t n : {1, 31, 33, 300}) {
        check_finish<float>(m, n, 20, activation);
        check_finish<double>(m, n, 20, activation);
      }
}

TEST(Gemm, LongSumsOfManyRowsToo) {
  check_finish<float>(90, 140, 2048, {Unary::kGelu});
  check_finish<float>(110, 120, 1601, {Unary::kRelu});
  check_finish<double>(60, 140, 1601, {});
}

TEST(Gemm, FewRowsTakeAnyNumberOfPanels) {
  for (std::int64_t m : {1, 2, 3})
    for (std::int64_t n : {16, 17, 48, 64, 96, 130, 160, 200, 224, 250, 256, 290, 600}) {
      const Data<float> data({m, n, 5, false, false});
      std::vector<float> reference;
      for_each_isa([&](Isa isa) {
        for (bool packed : {false, true}) {
          const auto y = run(data, packed, 1);
          if (isa == Isa::kReference) reference = y;
          EXPECT_EQ(y, reference) << m << 'x' << n;
        }
      });
    }
}

template <class T>
void check_rows_at_pages(std::int64_t k) {
  const Data<T> data({31, 300, k, false, false});
  std::vector<T> reference;
  for_each_isa([&](Isa isa) {
    for (bool packed : {false, true})
      for (int threads : {1, 2}) {
        ThreadPool pool(threads);
        GemmProblem<T> p = data.problem;
        AlignedBuffer packed_b(packed_b_elements<T>(p.n, k) * sizeof(T));
        pack_b(p, reinterpret_cast<T*>(packed_b.data()));
        if (packed) p.packed_b = reinterpret_cast<const T*>(packed_b.data());
        AlignedBuffer scratch(gemm_scratch_bytes(p, 1, threads));
        std::vector<T> y(static_cast<std::size_t>(p.m * p.n), std::numeric_limits<T>::quiet_NaN());
        p.y = y.data();
        gemm<T>(
            1, [&](std::int64_t) { return p; }, scratch.data(), pool);
        if (isa == Isa::kReference) reference = y;
        EXPECT_EQ(y, reference) << packed << threads;
      }
  });
}

TEST(Gemm, RowsThatLieAtWholePages) {
  check_rows_at_pages<float>(1024);
  check_rows_at_pages<double>(512);
}

TEST(Gemm, NanAndNegativeZeroGoThroughRelu) {
  for_each_isa([](Isa) {
    const std::vector<float> a = {1}, b = {-0.0F, std::numeric_limits<float>::quiet_NaN(), -1, 2};
    const std::vector<float> bias(4, -0.0F);
    std::vector<float> y(4);
    const GemmProblem<float> p = {.m = 1,
                                  .n = 4,
                                  .k = 1,
                                  .a = a.data(),
                                  .a_row = 1,
                                  .a_k = 1,
                                  .b = b.data(),
                                  .b_k = 4,
                                  .b_column = 1,
                                  .y = y.data(),
                                  .bias = bias.data(),
                                  .activation = {Unary::kRelu}};
    AlignedBuffer scratch(gemm_scratch_bytes(p, 1, 1));
    ThreadPool pool;
    gemm<float>(
        1, [&](std::int64_t) { return p; }, scratch.data(), pool);
    EXPECT_TRUE(y[0] == 0 && std::signbit(y[0]));
    EXPECT_TRUE(std::isnan(y[1]));
    EXPECT_TRUE(y[2] == 0 && !std::signbit(y[2]));
    EXPECT_EQ(y[3], 2);
  });
}

TEST(PanelTasks, CoverAllRowsOnce) {
  for (std::int64_t m : {1, 23, 24, 25, 100, 1000})
    for (int threads : {1, 2, 7}) {
      const PanelTasks tasks(2, m, 3, threads);
      std::int64_t next = 0;
      for (std::int64_t chunk = 0; chunk < tasks.row_chunks; ++chunk) {
        EXPECT_EQ(tasks.rows(chunk, m).begin, next);
        EXPECT_GT(tasks.rows(chunk, m).size(), 0);
        next = tasks.rows(chunk, m).end;
      }
      EXPECT_EQ(next, m);
      EXPECT_EQ(tasks.count, 6 * tasks.row_chunks);
    }
}

}  // namespace
}  // namespace pleat
