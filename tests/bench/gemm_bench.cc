#include "runtime/kernels/gemm.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "cli/fma_peak.h"
#include "runtime/base/buffer_arena.h"
#include "runtime/base/isa.h"
#include "tests/bench/seconds_now.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Case {
  const char* name;
  std::int64_t count, m, n, k;
  bool constant_b, trans_b;
};

constexpr Case kCases[] = {
    {"ViT projection", 1, 197, 768, 768, true, true},   {"ViT q, k, v", 1, 197, 2304, 768, true, true},
    {"ViT MLP up", 1, 197, 3072, 768, true, true},      {"ViT MLP down", 1, 197, 768, 3072, true, true},
    {"ViT q.k", 12, 197, 197, 64, false, true},         {"ViT p.v", 12, 197, 64, 197, false, false},
    {"ConvNeXt 1 up", 1, 3136, 384, 96, true, true},    {"ConvNeXt 1 down", 1, 3136, 96, 384, true, true},
    {"ConvNeXt 2 up", 1, 784, 768, 192, true, true},    {"ConvNeXt 2 down", 1, 784, 192, 768, true, true},
    {"ConvNeXt 3 up", 1, 196, 1536, 384, true, true},   {"ConvNeXt 3 down", 1, 196, 384, 1536, true, true},
    {"ConvNeXt 4 up", 1, 49, 3072, 768, true, true},    {"ConvNeXt 4 down", 1, 49, 768, 3072, true, true},
    {"square 1000", 1, 1000, 1000, 1000, false, false}, {"two rows", 1, 2, 1000, 512, true, true},
    {"VGG FC 1", 1, 1, 4096, 25088, true, true},        {"VGG FC 2", 1, 1, 4096, 4096, true, true},
    {"ResNet-50 FC", 1, 1, 1000, 2048, true, true},     {"ResNet-18 FC", 1, 1, 1000, 512, true, true},
    {"LeNet FC 1", 1, 1, 120, 400, true, true},         {"LeNet FC 2", 1, 1, 84, 120, true, true},
    {"LeNet FC 3", 1, 1, 10, 84, true, true},
};

/// Operations per second of one slice of multiply-adds in registers.
double peak_now() {
  const double start = seconds_now(1);
  const double operations = cli::fma_operations(400000);
  return operations / (seconds_now(1) - start);
}

AlignedBuffer random_buffer(BufferArena& memory, std::int64_t elements, unsigned seed) {
  const auto values = random_values<float>(elements, seed);
  AlignedBuffer buffer = memory.take(values.size() * sizeof(float));
  std::copy(values.begin(), values.end(), reinterpret_cast<float*>(buffer.data()));
  return buffer;
}

struct Figure {
  double seconds = 1e9, peak = 0;
};

/// Best time of a call and best peak over interleaved slices of at least a millisecond each.
Figure measure(const Case& c, int threads, std::int64_t cold_bytes) {
  BufferArena model, session;  // as in a run
  const AlignedBuffer a = random_buffer(session, c.count * c.m * c.k, 1);
  const AlignedBuffer b = random_buffer(session, c.count * c.n * c.k, 2);
  AlignedBuffer y = session.take(static_cast<std::size_t>(c.count * c.m * c.n) * sizeof(float));
  GemmProblem<float> shapes = {.m = c.m,
                               .n = c.n,
                               .k = c.k,
                               .a = reinterpret_cast<const float*>(a.data()),
                               .a_row = c.k,
                               .a_k = 1,
                               .b = reinterpret_cast<const float*>(b.data()),
                               .b_k = c.trans_b ? 1 : c.n,
                               .b_column = c.trans_b ? c.k : 1};
  const auto elements = static_cast<std::int64_t>(packed_b_elements<float>(c.n, c.k));
  const std::int64_t copies = c.constant_b ? std::max<std::int64_t>(1, cold_bytes / 4 / elements) : 0;
  AlignedBuffer packed = model.take(static_cast<std::size_t>(copies * elements) * sizeof(float));
  for (std::int64_t i = 0; i < copies; ++i) pack_b(shapes, reinterpret_cast<float*>(packed.data()) + i * elements);
  std::int64_t next = 0;
  ThreadPool pool(threads);
  AlignedBuffer scratch =
      session.take(gemm_scratch_bytes(shapes, c.count, threads));  // for b not packed, which is more
  const auto call = [&] {
    if (copies > 0) shapes.packed_b = reinterpret_cast<const float*>(packed.data()) + next++ % copies * elements;
    gemm<float>(
        c.count,
        [&](std::int64_t i) {
          GemmProblem<float> p = shapes;
          p.a += i * c.m * c.k;
          p.b += i * c.n * c.k;
          p.y = reinterpret_cast<float*>(y.data()) + i * c.m * c.n;
          return p;
        },
        scratch.data(), pool);
  };

  double start = seconds_now(threads);
  std::int64_t calls = 0;
  for (; seconds_now(threads) - start < 2e-3; ++calls) call();
  Figure best;
  const int rounds = c.count * c.m * c.n * c.k > 100000000 ? 30 : 60;
  for (int round = 0; round < rounds; ++round) {
    best.peak = std::max(best.peak, peak_now());
    start = seconds_now(threads);
    for (std::int64_t i = 0; i < calls; ++i) call();
    best.seconds = std::min(best.seconds, (seconds_now(threads) - start) / static_cast<double>(calls));
  }
  return best;
}

void report(const Case& c, int threads, std::int64_t cold_bytes) {
  const Figure figure = measure(c, threads, cold_bytes);
  const double macs = static_cast<double>(c.count * c.m * c.n * c.k);
  const double bytes = 4 * static_cast<double>(c.count * c.n * c.k);
  std::printf("%-16s %5lld %5lld %5lld %9.2f us %7.1f GFLOP/s %5.1f %% of peak %6.1f GB/s of b\n", c.name,
              static_cast<long long>(c.m), static_cast<long long>(c.n), static_cast<long long>(c.k),
              figure.seconds * 1e6, 2 * macs / figure.seconds * 1e-9,
              100 * 2 * macs / figure.seconds / (figure.peak * threads), bytes / figure.seconds * 1e-9);
}

}  // namespace
}  // namespace pleat

/// gemm_bench [threads [part of a name [bytes of constant b to go through before the first is met again]]]
int main(int count, char** words) {
  const int threads = count > 1 ? std::atoi(words[1]) : 1;
  const std::string_view part = count > 2 ? words[2] : "";
  const std::int64_t cold_bytes = count > 3 ? std::atoll(words[3]) : 0;
  for (pleat::Isa isa : pleat::supported_isas()) {
    if (isa == pleat::Isa::kReference || !pleat::force_isa(isa)) continue;
    std::printf("%s, %d threads\n", std::string(pleat::isa_name(isa)).c_str(), threads);
    for (const pleat::Case& c : pleat::kCases)
      if (std::string_view(c.name).find(part) != std::string_view::npos) pleat::report(c, threads, cold_bytes);
  }
  return 0;
}
