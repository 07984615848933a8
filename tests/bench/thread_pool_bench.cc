// bench_thread_pool [THREADS…]: what a region of the thread pool costs, in nanoseconds.

#include "runtime/base/thread_pool.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/bench/slices.h"

namespace pleat {
namespace {

constexpr int kSlices = 2000;

constexpr std::chrono::nanoseconds kWork{3000};

void measure(int threads) {
  ThreadPool pool(threads);
  const auto region = [&] { pool.parallel_for(pool.threads(), 1, [](std::int64_t, std::int64_t) {}); };
  const auto busy_region = [&] {
    pool.parallel_for(pool.threads(), 1, [](std::int64_t begin, std::int64_t end) {
      const auto until = std::chrono::steady_clock::now() + (end - begin) * kWork;
      while (std::chrono::steady_clock::now() < until) continue;
    });
  };
  Slices awake, busy, lone;
  std::vector<double> asleep;
  {
    const ThreadPool::Running running(pool);
    awake = time_slices(kSlices, 200, region);
    busy = time_slices(kSlices, 20, busy_region);
  }
  lone = time_slices(kSlices, 200, [&] {
    const ThreadPool::Running running(pool);
    region();
  });
  for (int i = 0; i < 50; ++i) {
    std::this_thread::sleep_for(ThreadPool::kLinger * 3);
    asleep.push_back(time_slices(1, 1, region).best);
  }
  std::sort(asleep.begin(), asleep.end());
  fmt::print(
      "{} threads: one of many regions {:.0f} ns (median {:.0f}), beyond {} us of work for each {:.0f} ns (median "
      "{:.0f}), "
      "a run of one region {:.0f} ns (median {:.0f}), "
      "a region after a rest {:.1f} us (median {:.1f})\n",
      pool.threads(), awake.best, awake.median, kWork.count() / 1000, busy.best - kWork.count(),
      busy.median - kWork.count(), lone.best, lone.median, asleep.front() / 1e3, asleep[asleep.size() / 2] / 1e3);
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) pleat::measure(std::atoi(argv[i]));
  if (argc < 2)
    for (int threads : {1, 2}) pleat::measure(threads);
}
