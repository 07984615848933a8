#include "tests/bench/bench.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <string_view>

#include "cli/fma_peak.h"
#include "runtime/base/isa.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

constexpr int kSlices = 150;

struct Options {
  std::int64_t threads = 1, cold_bytes = 0;
};
Options options;

/// Of one thread its own time, so that others may use the processor in between.
double seconds_now(std::int64_t threads) {
  timespec time = {};
  clock_gettime(threads == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &time);
  return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
}

template <class Body>
double seconds_of(std::int64_t threads, const Body& body) {
  const double start = seconds_now(threads);
  body();
  return seconds_now(threads) - start;
}

/// Of one thread, in operations a second.
double measured_peak() {
  double operations = 0;
  const double seconds = seconds_of(1, [&] { operations = cli::fma_operations(50'000); });
  return operations / seconds;
}

void run(benchmark::State& state, Isa isa, const Work& work, const PrepareCall& prepare) {
  if (!force_isa(isa)) return state.SkipWithError("this machine lacks the instruction set");
  ThreadPool pool(static_cast<int>(options.threads));
  const std::function<void()> call = prepare(pool);
  call();
  const double once = std::max(1e-8, seconds_of(options.threads, call));
  const auto calls = std::max<std::int64_t>(1, static_cast<std::int64_t>(1e-3 / once));
  double least = once, peak = 0;
  for (auto _ : state) {
    peak = std::max(peak, measured_peak());
    const double seconds = seconds_of(options.threads,
                                      [&] {
                                        for (std::int64_t i = 0; i < calls; ++i) call();
                                      }) /
                           static_cast<double>(calls);
    state.SetIterationTime(seconds);
    least = std::min(least, seconds);
  }
  const double rate = work.amount / least;
  switch (work.unit) {
    case Work::Unit::kOperations:
      state.counters["GFLOP/s"] = rate * 1e-9;
      state.counters["% of peak"] = 100 * rate / (peak * static_cast<double>(options.threads));
      break;
    case Work::Unit::kBytes: state.counters["GB/s"] = rate * 1e-9; break;
    case Work::Unit::kElements: state.counters["ns/element"] = 1e9 / rate; break;
  }
}

bool read_option(std::string_view word, std::string_view name, std::int64_t& value) {
  if (!word.starts_with(name)) return false;
  word.remove_prefix(name.size());
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  return error == std::errc() && end == word.data() + word.size() && value >= 0;
}

}  // namespace

void add_benchmark(const std::string& name, Work work, PrepareCall prepare) {
  for (const Isa isa : supported_isas()) {
    if (isa == Isa::kReference) continue;
    const std::string whole = name + "/" + std::string(isa_name(isa));
    benchmark::RegisterBenchmark(whole.c_str(), [=](benchmark::State& state) { run(state, isa, work, prepare); })
        ->UseManualTime()
        ->Unit(benchmark::kMicrosecond)
        ->Iterations(kSlices);
  }
}

std::int64_t cold_copies(std::int64_t floats) {
  return std::max<std::int64_t>(1, options.cold_bytes / static_cast<std::int64_t>(sizeof(float)) / floats);
}

void fill_planes(const Planes& planes, float* memory) {
  const auto values = random_values<float>(4096, 1);
  for (std::int64_t b = 0; b < planes.batch * planes.blocks(); ++b)
    for (std::int64_t y = 0; y < planes.height; ++y)
      for (std::int64_t i = 0; i < planes.width * planes.lanes; ++i)
        memory[planes.offset(0, b, y, 0) + i] = values[static_cast<std::size_t>((b * 131 + y * 17 + i) % 4096)];
}

int run_benchmarks(int argc, char** argv, void (*add)()) {
  benchmark::Initialize(&argc, argv, [] {
    benchmark::PrintDefaultHelp();
    std::puts(
        "          [--threads=<number of threads, 1>]\n"
        "          [--cold_bytes=<bytes of constants to go through before the first is met again, 0>]");
  });
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (read_option(word, "--threads=", options.threads) && options.threads > 0) continue;
    if (read_option(word, "--cold_bytes=", options.cold_bytes)) continue;
    std::fprintf(stderr, "%s is no option; --help lists them\n", argv[i]);
    return 2;
  }
  add();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace pleat
