#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cli/fma_peak.cc"
#include "cli/fma_peak.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/dispatch.h"

#include "runtime/kernels/highway.h"

HWY_BEFORE_NAMESPACE();
namespace pleat::HWY_NAMESPACE {
#if PLEAT_VECTOR_TARGET
namespace hn = hwy::HWY_NAMESPACE;

/// As many independent chains as hide a latency of 5 cycles on two units, and fit 16 registers.
constexpr int kChains = 12;

/// Multiply-adds done by `rounds` steps of all chains.
double chains(std::int64_t rounds, float* sink) {
  const hn::ScalableTag<float> d;
  const auto x = hn::Set(d, 0.999f), y = hn::Set(d, 0.001f);
  hn::Vec<decltype(d)> sums[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) sums[i] = hn::Set(d, static_cast<float>(i));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) sums[i] = hn::MulAdd(sums[i], x, y);
  }
  auto all = sums[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i) all = hn::Add(all, sums[i]);
  *sink = hn::GetLane(all);
  return static_cast<double>(rounds) * kChains * static_cast<double>(hn::Lanes(d));
}

#endif
}  // namespace pleat::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace pleat {
namespace reference {

double chains(std::int64_t rounds, float* sink) {
  float sums[4] = {0, 1, 2, 3};
  for (std::int64_t round = 0; round < rounds; ++round)
    for (float& sum : sums) sum = std::fma(sum, 0.999f, 0.001f);
  *sink = sums[0] + sums[1] + sums[2] + sums[3];
  return static_cast<double>(rounds) * 4;
}

}  // namespace reference

namespace cli {

double fma_operations(std::int64_t rounds) {
  alignas(64) float sink[16];
  return 2 * PLEAT_CHOOSE(chains)(rounds, sink);
}

void FmaPeak::measure() {
  constexpr int kSlices = 8;
  constexpr std::int64_t kRounds = 40000;  // about a tenth of a millisecond
  ThreadPool pool(threads_, std::chrono::microseconds(0));
  const ThreadPool::Running running(pool);
  for (int slice = 0; slice < kSlices; ++slice) {
    double done = 0;
    const auto start = std::chrono::steady_clock::now();
    pool.parallel_for(pool.threads(), 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t thread = first; thread < last; ++thread) {
        double mine = 0;
        for (int i = 0; i < 10; ++i) mine += fma_operations(kRounds);
        if (thread == 0) done = mine;
      }
    });
    const std::chrono::duration<double, std::nano> span = std::chrono::steady_clock::now() - start;
    best_ = std::max(best_, done * pool.threads() / span.count());
  }
}

}  // namespace cli
}  // namespace pleat
#endif
