// How near the blocked convolution comes to the machine's peak of fused multiply-adds, for the shapes of common
// networks and each instruction set. Short slices of both alternate and the best of each count, since the clock and the
// neighbours of a machine change within a second. Usage:
// conv_bench [threads [milliseconds per shape [name part [bytes of weights between two uses of the first]]]]
#include <fmt/core.h>

#include <algorithm>
#include <cstdlib>
#include <string_view>

#include "cli/fma_peak.h"
#include "runtime/base/buffer_arena.h"
#include "runtime/base/isa.h"
#include "runtime/kernels/blocked/conv.h"
#include "tests/bench/seconds_now.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Shape {
  const char* name;
  std::int64_t in_channels, out_channels, size, kernel, stride;
  bool planar = false;
  bool halo = false;  ///< of y, as wide as that of x
};

constexpr Shape kShapes[] = {
    {"3x3 64-64 @56", 64, 64, 56, 3, 1, false, true},
    {"3x3 128-128 @28", 128, 128, 28, 3, 1, false, true},
    {"3x3 256-256 @14", 256, 256, 14, 3, 1, false, true},
    {"3x3 512-512 @7", 512, 512, 7, 3, 1, false, true},
    {"3x3/2 64-128 @56", 64, 128, 56, 3, 2},
    {"3x3/2 128-256 @28", 128, 256, 28, 3, 2},
    {"3x3/2 256-512 @14", 256, 512, 14, 3, 2},
    {"1x1 64-64 @56", 64, 64, 56, 1, 1, false, true},
    {"1x1 64-256 @56", 64, 256, 56, 1, 1},
    {"1x1 256-64 @56", 256, 64, 56, 1, 1},
    {"1x1 512-128 @28", 512, 128, 28, 1, 1},
    {"1x1 1024-256 @14", 1024, 256, 14, 1, 1},
    {"1x1 512-2048 @7", 512, 2048, 7, 1, 1},
    {"1x1 2048-512 @7", 2048, 512, 7, 1, 1},
    {"1x1/2 256-512 @56", 256, 512, 56, 1, 2},
    {"7x7/2 3-64 @224", 3, 64, 224, 7, 2, true},
    {"3x3/2 3-32 @224", 3, 32, 224, 3, 2, true},
    {"3x3 3-64 @224", 3, 64, 224, 3, 1, true, true},
    {"3x3 512-512 @14", 512, 512, 14, 3, 1, false, true},
    {"1x1 16-96 @112", 16, 96, 112, 1, 1},
    {"1x1 16-96 @14", 16, 96, 14, 1, 1},
    {"1x1 32-16 @112", 32, 16, 112, 1, 1},
    {"1x1 24-144 @56", 24, 144, 56, 1, 1, false, true},
    {"1x1 96-24 @56", 96, 24, 56, 1, 1},
    {"1x1 64-384 @14", 64, 384, 14, 1, 1, false, true},
    {"1x1 160-960 @7", 160, 960, 7, 1, 1, false, true},
    {"1x1 240-40 @28", 240, 40, 28, 1, 1},
    {"1x1 576-96 @14", 576, 96, 14, 1, 1},
    {"1x1 320-1280 @7", 320, 1280, 7, 1, 1},
    {"1x1 1280-1000 @1", 1280, 1000, 1, 1, 1},
    {"1x1 480-20 @1", 480, 20, 1, 1, 1},
    {"5x5 32-96 @27", 32, 96, 27, 5, 1},
    {"3x3 192-384 @13", 192, 384, 13, 3, 1},
    {"3x3 96-96 @35", 96, 96, 35, 3, 1},
    {"3x3 160-160 @17", 160, 160, 17, 3, 1},
};

double seconds_of(int threads, auto&& body) {
  const double start = seconds_now(threads);
  body();
  return seconds_now(threads) - start;
}

/// Random values in the planes, zeros in the halo.
void fill(const Planes& planes, float* memory) {
  const auto values = random_values<float>(4096, 1);
  for (std::int64_t b = 0; b < planes.batch * planes.blocks(); ++b)
    for (std::int64_t y = 0; y < planes.height; ++y)
      for (std::int64_t i = 0; i < planes.width * planes.lanes; ++i)
        memory[planes.offset(0, b, y, 0) + i] = values[static_cast<std::size_t>((b * 131 + y * 17 + i) % 4096)];
}

struct Rates {
  double conv = 0, peak = 0;  ///< best, in operations a second; the peak of one thread
};

Rates measure(const Shape& shape, ThreadPool& pool, double seconds, std::size_t cold_bytes) {
  const std::int64_t pad = shape.kernel / 2, out_size = (shape.size + 2 * pad - shape.kernel) / shape.stride + 1;
  BlockedConv problem;
  problem.in = {1, shape.in_channels, shape.size, shape.size, shape.planar ? 1 : kChannelBlock, {pad, pad, pad, pad}};
  problem.out = {.channels = shape.out_channels, .height = out_size, .width = out_size};
  if (shape.halo) problem.out.halo = {1, 1, 1, 1};
  problem.kernel = {shape.kernel, shape.kernel};
  problem.stride = {shape.stride, shape.stride};
  problem.pad = {pad, pad};
  problem.epilogue.activation = {.function = Unary::kRelu};
  BufferArena model, session;  // as in a run
  AlignedBuffer x = session.take(static_cast<std::size_t>(problem.in.elements()) * sizeof(float));
  AlignedBuffer y = session.take(static_cast<std::size_t>(problem.out.elements()) * sizeof(float));
  const std::size_t weights = packed_conv_elements(problem);
  const std::size_t copies = std::max<std::size_t>(1, cold_bytes / sizeof(float) / weights);
  AlignedBuffer packed = model.take(copies * weights * sizeof(float));
  fill(problem.in, reinterpret_cast<float*>(x.data()));
  const auto w = random_values<float>(shape.out_channels * problem.depth(), 2);
  for (std::size_t i = 0; i < copies; ++i)
    pack_conv(problem, w.data(), nullptr, {0, problem.out.blocks()},
              reinterpret_cast<float*>(packed.data()) + i * weights);
  problem.x = reinterpret_cast<const float*>(x.data());
  problem.y = reinterpret_cast<float*>(y.data());
  problem.packed = reinterpret_cast<const float*>(packed.data());
  problem.leaves_padding = padding_is_worth_leaving(problem);

  const double operations =
      2.0 * static_cast<double>(shape.out_channels * problem.depth()) * static_cast<double>(out_size * out_size);
  const auto repeats = static_cast<std::int64_t>(std::max(1.0, 1e8 / operations));
  Rates best;
  std::size_t next = 0;
  const auto call = [&] {
    problem.packed = reinterpret_cast<const float*>(packed.data()) + next++ % copies * weights;
    conv(problem, pool);
  };
  call();
  for (const double end = seconds_now(pool.threads()) + seconds; seconds_now(pool.threads()) < end;) {
    double peak_operations = 0;
    const double peak_time = seconds_of(pool.threads(), [&] { peak_operations = cli::fma_operations(250'000); });
    const double conv_time = seconds_of(pool.threads(), [&] {
      for (std::int64_t i = 0; i < repeats; ++i) call();
    });
    best.peak = std::max(best.peak, peak_operations / peak_time);
    best.conv = std::max(best.conv, operations * static_cast<double>(repeats) / conv_time);
  }
  return best;
}

int run(int argc, char** argv) {
  const int threads = argc > 1 ? std::atoi(argv[1]) : 1;
  const double seconds = (argc > 2 ? std::atoi(argv[2]) : 300) * 1e-3;
  const std::string_view part = argc > 3 ? argv[3] : "";
  const std::size_t cold_bytes = argc > 4 ? std::strtoull(argv[4], nullptr, 10) : 0;
  ThreadPool pool(threads);
  for (const Isa isa : supported_isas()) {
    if (isa == Isa::kReference || !force_isa(isa)) continue;
    for (const Shape& shape : kShapes) {
      if (std::string_view(shape.name).find(part) == std::string_view::npos) continue;
      const Rates rates = measure(shape, pool, seconds, cold_bytes);
      fmt::print("{:7} {:20} {:7.1f} GFLOP/s {:6.1f} % of {:.1f}\n", isa_name(isa), shape.name, rates.conv * 1e-9,
                 100 * rates.conv / (rates.peak * threads), rates.peak * threads * 1e-9);
    }
  }
  return 0;
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) { return pleat::run(argc, argv); }
