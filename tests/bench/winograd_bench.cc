// Times the Winograd convolution: winograd_bench [threads [a part of a shape's name]].
// "effective" is the work of a direct convolution per time over the peak of multiply-adds, measured in turns with it.
#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "runtime/base/aligned_buffer.h"
#include "runtime/base/isa.h"
#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/winograd.h"
#include "runtime/kernels/parallel.h"

namespace pleat {
namespace {

struct Shape {
  const char* name;
  std::int64_t in_channels, out_channels, size;
};

constexpr Shape kShapes[] = {
    {"resnet 64@56", 64, 64, 56},
    {"resnet 128@28", 128, 128, 28},
    {"resnet 256@14", 256, 256, 14},
    {"resnet 512@7", 512, 512, 7},
    {"vgg 64@224", 64, 64, 224},
    {"vgg 64-128@112", 64, 128, 112},
    {"vgg 128@112", 128, 128, 112},
    {"vgg 256@56", 256, 256, 56},
    {"vgg 512@28", 512, 512, 28},
    {"vgg 512@14", 512, 512, 14},
    {"densenet 128-32@56", 128, 32, 56},
    {"densenet 128-32@28", 128, 32, 28},
    {"densenet 128-32@14", 128, 32, 14},
    {"densenet 128-32@7", 128, 32, 7},
    {"squeezenet 16-64@55", 16, 64, 55},
    {"squeezenet 32-128@27", 32, 128, 27},
    {"squeezenet 48-192@13", 48, 192, 13},
    {"squeezenet 64-256@13", 64, 256, 13},
    {"inception 96@35", 96, 96, 35},
    {"googlenet 64-192@56", 64, 192, 56},
    {"googlenet 96-128@28", 96, 128, 28},
    {"googlenet 16-32@28", 16, 32, 28},
    {"googlenet 112-224@14", 112, 224, 14},
};

/// Seconds; of this thread alone where it works alone, so that other programs disturb less.
double now(const ThreadPool& pool) {
  timespec t;
  clock_gettime(pool.threads() == 1 ? CLOCK_THREAD_CPUTIME_ID : CLOCK_MONOTONIC, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

#define ACCUMULATE(r) "vfmadd231ps %%" r "0, %%" r "1, %%" r
/// Twelve independent chains: more than latency times throughput.
#define CHAINS(r) \
  "1:\n\t" ACCUMULATE(r) "2\n\t" ACCUMULATE(r) "3\n\t" ACCUMULATE(r) "4\n\t" ACCUMULATE(r) "5\n\t"      \
  ACCUMULATE(r) "6\n\t" ACCUMULATE(r) "7\n\t" ACCUMULATE(r) "8\n\t" ACCUMULATE(r) "9\n\t" ACCUMULATE(r) \
  "10\n\t" ACCUMULATE(r) "11\n\t" ACCUMULATE(r) "12\n\t" ACCUMULATE(r) "13\n\t"                         \
  "dec %0\n\tjnz 1b\n\tvzeroupper"

/// Multiply-adds per second of all threads.
double peak(Isa isa, ThreadPool& pool) {
  constexpr std::int64_t kRounds = 30000;
  const double start = now(pool);
  parallel_slots(pool, pool.threads(), [&](std::int64_t, std::int64_t, std::int64_t) {
    std::int64_t rounds = kRounds;
    if (isa == Isa::kAvx512)
      asm volatile(CHAINS("zmm") : "+r"(rounds)::"cc");
    else
      asm volatile(CHAINS("ymm") : "+r"(rounds)::"cc");
  });
  return static_cast<double>(kRounds * 12 * (isa == Isa::kAvx512 ? 16 : 8) * pool.threads()) / (now(pool) - start);
}

struct Floats {
  AlignedBuffer buffer;
  explicit Floats(std::int64_t count) : buffer(static_cast<std::size_t>(count) * sizeof(float)) {
    for (std::int64_t i = 0; i < count; ++i) data()[i] = static_cast<float>(i % 17 - 8) * 0.03F;
  }
  float* data() { return reinterpret_cast<float*>(buffer.data()); }
};

void time_shape(const Shape& s, Isa isa, ThreadPool& pool) {
  const Halo halo = {1, 1, 1, 1};
  WinogradConv p;
  p.in = {.channels = s.in_channels, .height = s.size, .width = s.size, .halo = halo};
  p.out = {.channels = s.out_channels, .height = s.size, .width = s.size, .halo = halo};
  p.pad_top = p.pad_left = 1;
  p.epilogue.activation.function = Unary::kRelu;
  Floats x(p.in.elements()), y(p.out.elements()), bias(s.out_channels);
  Floats w(s.in_channels * s.out_channels * 9);
  Floats packed(static_cast<std::int64_t>(packed_winograd_elements(s.in_channels, s.out_channels)));
  pack_winograd(s.in_channels, s.out_channels, {0, p.out.blocks()}, w.data(), packed.data());
  p.x = x.data();
  p.packed = packed.data();
  p.bias = bias.data();
  p.y = y.data();
  AlignedBuffer scratch(winograd_scratch_bytes(p, pool.threads()));

  const double work = static_cast<double>(s.in_channels * s.out_channels * 9 * s.size * s.size);
  const int runs = std::max(1, static_cast<int>(1e8 / work));
  std::vector<double> times, peaks;
  const double end = now(pool) + 1.0;
  for (int slice = 0; slice < 12 || now(pool) < end; ++slice) {
    peaks.push_back(peak(isa, pool));
    const double start = now(pool);
    for (int i = 0; i < runs; ++i) winograd_conv(p, scratch.data(), pool);
    times.push_back((now(pool) - start) / runs);
  }
  std::sort(times.begin(), times.end());
  std::sort(peaks.begin(), peaks.end(), std::greater<>());
  // Not the very best: the clock of a thread errs where a processor is lent out.
  const double best = times[times.size() / 10], best_peak = peaks[peaks.size() / 10];
  fmt::print("{:9} {} threads  {:22} {:8.3f} ms  peak {:4.0f} GFLOP/s  effective {:5.2f} x peak\n", isa_name(isa),
             pool.threads(), s.name, best * 1e3, 2e-9 * best_peak, work / best / best_peak);
  std::fflush(stdout);
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) {
  pleat::ThreadPool pool(argc > 1 ? std::atoi(argv[1]) : 1);
  const std::string_view part = argc > 2 ? argv[2] : "";
  for (pleat::Isa isa : pleat::supported_isas()) {
    if (isa == pleat::Isa::kReference || !pleat::force_isa(isa)) continue;
    for (const pleat::Shape& shape : pleat::kShapes)
      if (std::string_view(shape.name).find(part) != std::string_view::npos) pleat::time_shape(shape, isa, pool);
  }
  return 0;
}
