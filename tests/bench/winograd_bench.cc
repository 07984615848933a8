// Times the Winograd convolution: winograd_bench [threads [a part of a shape's name [bytes of weights to go through]]].
// "effective" is the work of a direct convolution per time over the peak of multiply-adds, measured in turns with it.
#include <algorithm>
#include <cstdlib>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cli/fma_peak.h"
#include "runtime/base/buffer_arena.h"
#include "runtime/base/isa.h"
#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/winograd.h"
#include "tests/bench/seconds_now.h"

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

struct Floats {
  AlignedBuffer buffer;

  Floats(BufferArena& memory, std::int64_t count)
      : buffer(memory.take(static_cast<std::size_t>(count) * sizeof(float))) {
    for (std::int64_t i = 0; i < count; ++i) data()[i] = static_cast<float>(i % 17 - 8) * 0.03F;
  }
  float* data() { return reinterpret_cast<float*>(buffer.data()); }
};

void time_shape(const Shape& s, Isa isa, ThreadPool& pool, std::int64_t cold_bytes) {
  const Halo halo = {1, 1, 1, 1};
  WinogradConv p;
  p.in = {.channels = s.in_channels, .height = s.size, .width = s.size, .halo = halo};
  p.out = {.channels = s.out_channels, .height = s.size, .width = s.size, .halo = halo};
  p.pad_top = p.pad_left = 1;
  p.epilogue.activation.function = Unary::kRelu;
  const auto weights = static_cast<std::int64_t>(packed_winograd_elements(s.in_channels, s.out_channels));
  const std::int64_t copies = std::max<std::int64_t>(1, cold_bytes / 4 / weights);
  BufferArena model, session;  // as in a run
  Floats x(session, p.in.elements()), y(session, p.out.elements()), bias(model, s.out_channels);
  Floats w(model, s.in_channels * s.out_channels * 9), packed(model, copies * weights);
  for (std::int64_t i = 0; i < copies; ++i)
    pack_winograd(s.in_channels, s.out_channels, {0, p.out.blocks()}, w.data(), packed.data() + i * weights);
  p.x = x.data();
  p.bias = bias.data();
  p.y = y.data();
  AlignedBuffer scratch = session.take(winograd_scratch_bytes(p, pool.threads()));

  const double work = 2 * static_cast<double>(s.in_channels * s.out_channels * 9 * s.size * s.size);
  const int runs = std::max(1, static_cast<int>(2e8 / work));
  double best = 1e9, best_peak = 0;
  std::int64_t next = 0;
  const auto seconds = [&] { return seconds_now(pool.threads()); };
  const double end = seconds() + 0.5;
  for (int slice = 0; slice < 12 || seconds() < end; ++slice) {
    double start = seconds_now(1);
    const double operations = cli::fma_operations(250'000);
    best_peak = std::max(best_peak, operations / (seconds_now(1) - start) * pool.threads());
    start = seconds();
    for (int i = 0; i < runs; ++i) {
      p.packed = packed.data() + next++ % copies * weights;
      winograd_conv(p, scratch.data(), pool);
    }
    best = std::min(best, (seconds() - start) / runs);
  }
  fmt::print("{:9} {} threads  {:22} {:8.3f} ms  peak {:4.0f} GFLOP/s  effective {:5.2f} x peak\n", isa_name(isa),
             pool.threads(), s.name, best * 1e3, best_peak * 1e-9, work / best / best_peak);
  std::fflush(stdout);
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) {
  pleat::ThreadPool pool(argc > 1 ? std::atoi(argv[1]) : 1);
  const std::string_view part = argc > 2 ? argv[2] : "";
  const std::int64_t cold_bytes = argc > 3 ? std::atoll(argv[3]) : 0;
  for (pleat::Isa isa : pleat::supported_isas()) {
    if (isa == pleat::Isa::kReference || !pleat::force_isa(isa)) continue;
    for (const pleat::Shape& shape : pleat::kShapes)
      if (std::string_view(shape.name).find(part) != std::string_view::npos)
        pleat::time_shape(shape, isa, pool, cold_bytes);
  }
  return 0;
}
