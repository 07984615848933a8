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

/// Twice the same problem as a batch, so that batches are walked too.
template <class T>
std::vector<T> run(const Data<T>& data, bool packed, int threads) {
  const auto& c = data.problem;
  std::vector<T> y(data.start);
  y.insert(y.end(), data.start.begin(), data.start.end());
  AlignedBuffer packed_b(packed_b_elements<T>(c.n, c.k) * sizeof(T));
  AlignedBuffer scratch(gemm_scratch_bytes<T>(c.k, threads));
  if (packed) pack_b(c, reinterpret_cast<T*>(packed_b.data()));
  ThreadPool pool(threads);
  const auto problem = [&](std::int64_t i) {
    GemmProblem<T> p = c;
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
    AlignedBuffer scratch(gemm_scratch_bytes<float>(4, 1));
    ThreadPool pool;
    gemm<float>(
        1, [&](std::int64_t) { return p; }, scratch.data(), pool);
    EXPECT_EQ(y, chain);
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
