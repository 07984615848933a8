// What a region of the thread pool costs. The least of the repetitions is the undisturbed one.
#include "runtime/base/thread_pool.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <vector>

namespace pleat {
namespace {

using Clock = std::chrono::steady_clock;

void empty_region(ThreadPool& pool) {
  pool.parallel_for(pool.threads(), 1, [](std::int64_t, std::int64_t) {});
}

int threads_of(const benchmark::State& state) { return static_cast<int>(state.range(0)); }

void one_of_many(benchmark::State& state) {
  ThreadPool pool(threads_of(state));
  const ThreadPool::Running running(pool);
  for (auto _ : state) empty_region(pool);
}

void beyond_3_us_of_work(benchmark::State& state) {
  constexpr std::chrono::nanoseconds kWork{3000};
  ThreadPool pool(threads_of(state));
  const ThreadPool::Running running(pool);
  for (auto _ : state) {
    const auto start = Clock::now();
    pool.parallel_for(pool.threads(), 1, [&](std::int64_t begin, std::int64_t end) {
      const auto until = Clock::now() + (end - begin) * kWork;
      while (Clock::now() < until) continue;
    });
    state.SetIterationTime(std::max(0.0, std::chrono::duration<double>(Clock::now() - start - kWork).count()));
  }
}

void run_of_one_region(benchmark::State& state) {
  ThreadPool pool(threads_of(state));
  for (auto _ : state) {
    const ThreadPool::Running running(pool);
    empty_region(pool);
  }
}

void after_a_rest(benchmark::State& state) {
  ThreadPool pool(threads_of(state));
  for (auto _ : state) {
    std::this_thread::sleep_for(ThreadPool::kLinger * 3);
    const auto start = Clock::now();
    empty_region(pool);
    state.SetIterationTime(std::chrono::duration<double>(Clock::now() - start).count());
  }
}

double least(const std::vector<double>& values) { return *std::min_element(values.begin(), values.end()); }

void on_threads(benchmark::internal::Benchmark* benchmark) { benchmark->Arg(1)->Arg(2)->ArgName("threads"); }

void repeat(benchmark::internal::Benchmark* benchmark) {
  on_threads(benchmark);
  benchmark->Repetitions(20)->MinTime(0.02)->ComputeStatistics("least", least)->ReportAggregatesOnly();
}

BENCHMARK(one_of_many)->Apply(repeat)->UseRealTime();
BENCHMARK(beyond_3_us_of_work)->Apply(repeat)->UseManualTime();
BENCHMARK(run_of_one_region)->Apply(repeat)->UseRealTime();
BENCHMARK(after_a_rest)->Apply(on_threads)->Iterations(20)->UseManualTime();

}  // namespace
}  // namespace pleat

BENCHMARK_MAIN();
