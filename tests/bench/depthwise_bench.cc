// How near the kernels of blocked planes besides the dense convolution come to the machine: depthwise and grouped
// convolutions as a share of the peak of fused multiply-adds, the others in bytes read and written a second. Short
// slices of a kernel and of the peak alternate and the best of each count, since the clock and the neighbours of a
// machine change within a second. Usage: depthwise_bench [threads] [milliseconds per line] [name part]
#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>

#include "cli/fma_peak.h"
#include "runtime/base/aligned_buffer.h"
#include "runtime/base/isa.h"
#include "runtime/kernels/blocked/depthwise.h"
#include "runtime/kernels/blocked/grouped.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/pointwise.h"
#include "runtime/kernels/blocked/pool.h"
#include "runtime/kernels/blocked/reorder.h"
#include "runtime/kernels/blocked/shuffle.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Options {
  int threads = 1;
  double seconds = 0.2;
  std::string_view part;
};

using Clock = std::chrono::steady_clock;

double seconds_of(auto&& body) {
  const auto start = Clock::now();
  body();
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Rates {
  double kernel = 0, peak = 0;  ///< best, in units and operations a second; the peak of one thread
};

/// `units` are the operations or bytes of one run.
template <class Run>
Rates measure(double seconds, double units, const Run& run) {
  run();
  const double once = std::max(1e-7, seconds_of(run));
  const auto repeats = static_cast<int>(1 + 1e-3 / once);
  Rates best;
  for (const auto end = Clock::now() + std::chrono::duration<double>(seconds); Clock::now() < end;) {
    double operations = 0;
    const double peak = seconds_of([&] { operations = cli::fma_operations(50000); });
    best.peak = std::max(best.peak, operations / peak);
    const double time = seconds_of([&] {
      for (int i = 0; i < repeats; ++i) run();
    });
    best.kernel = std::max(best.kernel, units * repeats / time);
  }
  return best;
}

void report(const Options& options, const std::string& name, double units, bool operations, const auto& run) {
  if (name.find(options.part) == std::string::npos) return;
  std::string line = fmt::format("{:28}", name);
  const Isa before = active_isa();
  for (Isa isa : supported_isas()) {
    if (isa == Isa::kReference || !force_isa(isa).has_value()) continue;
    const Rates rates = measure(options.seconds, units, run);
    line += fmt::format("  {:>7} {:6.1f} {}", isa_name(isa), rates.kernel * 1e-9, operations ? "GFLOP/s" : "GB/s");
    if (operations) line += fmt::format(" {:5.1f} %", 100 * rates.kernel / rates.peak / options.threads);
  }
  static_cast<void>(force_isa(before));
  fmt::print("{}\n", line);
}

/// Planes and their memory, random inside, zero in the halo.
struct Data {
  Planes planes;
  AlignedBuffer buffer;

  explicit Data(const Planes& p) : planes(p), buffer(static_cast<std::size_t>(p.elements()) * sizeof(float)) {
    const auto random = random_values<float>(4096, 1);
    for (std::int64_t b = 0; b < p.batch * p.blocks(); ++b)
      for (std::int64_t y = 0; y < p.height; ++y)
        for (std::int64_t i = 0; i < p.width * p.lanes; ++i)
          data()[p.offset(0, b, y, 0) + i] = random[static_cast<std::size_t>((b * 131 + y * 17 + i) % 4096)];
  }
  float* data() { return reinterpret_cast<float*>(buffer.data()); }
  double bytes() const { return static_cast<double>(planes.elements()) * sizeof(float); }
};

Planes square(std::int64_t channels, std::int64_t size, Halo halo = {}, std::int64_t lanes = kChannelBlock) {
  return {1, channels, size, size, lanes, halo};
}

Window window_of(std::int64_t size, std::int64_t kernel, std::int64_t stride) {
  const std::int64_t pad = kernel / 2, out = (size + 2 * pad - kernel) / stride + 1;
  return {.in = {1, size, size},
          .out = {1, out, out},
          .kernel = {1, kernel, kernel},
          .stride = {1, stride, stride},
          .pad_begin = {0, pad, pad},
          .pad_end = {0, pad, pad}};
}

void time_depthwise(const Options& options, ThreadPool& pool) {
  constexpr std::int64_t kShapes[][4] = {{96, 112, 3, 1}, {96, 112, 3, 2}, {144, 56, 3, 1}, {144, 56, 3, 2},
                                         {192, 28, 3, 1}, {192, 28, 3, 2}, {576, 14, 3, 1}, {576, 14, 3, 2},
                                         {960, 7, 3, 1},  {240, 28, 5, 1}, {240, 28, 5, 2}, {672, 14, 5, 1},
                                         {672, 14, 5, 2}, {1152, 7, 5, 1}, {96, 56, 7, 1},  {768, 7, 7, 1}};
  for (const auto& [channels, size, kernel, stride] : kShapes) {
    const Window window = window_of(size, kernel, stride);
    Data x(square(channels, size, padding_halo(window))), y(square(channels, window.out[1]));
    AlignedBuffer packed(packed_depthwise_elements(window, channels) * sizeof(float));
    pack_depthwise(window, channels, random_values<float>(channels * window.taps(), 2).data(),
                   reinterpret_cast<float*>(packed.data()));
    DepthwiseProblem p{.window = window, .x_planes = x.planes, .y_planes = y.planes, .x = x.data()};
    p.packed_w = reinterpret_cast<const float*>(packed.data());
    p.y = y.data();
    p.epilogue.activation = {Unary::kClip, 0, 6};
    report(options, fmt::format("depthwise {}x{}/{} {}@{}", kernel, kernel, stride, channels, size),
           2.0 * static_cast<double>(channels * window.taps() * window.out_elements()), true,
           [&] { depthwise(p, pool); });
  }
}

void time_grouped(const Options& options, ThreadPool& pool) {
  constexpr std::int64_t kShapes[][5] = {{32, 4, 56, 3, 1}, {32, 8, 28, 3, 1}, {32, 8, 56, 3, 2}, {13, 8, 28, 3, 1},
                                         {7, 24, 28, 3, 1}, {7, 24, 56, 3, 2}, {3, 80, 28, 1, 1}, {64, 2, 28, 3, 1}};
  for (const auto& [groups, channels, size, kernel, stride] : kShapes) {
    const Window window = window_of(size, kernel, stride);
    Data x(square(groups * channels, size, padding_halo(window))), y(square(groups * channels, window.out[1]));
    GroupedProblem p{.window = window, .groups = groups, .x_planes = x.planes, .y_planes = y.planes, .x = x.data()};
    AlignedBuffer packed(packed_grouped_elements(p) * sizeof(float));
    pack_grouped(p, random_values<float>(groups * channels * p.depth(), 2).data(),
                 reinterpret_cast<float*>(packed.data()));
    p.packed_w = reinterpret_cast<const float*>(packed.data());
    p.y = y.data();
    p.epilogue.activation = {Unary::kRelu, 0, 0};
    report(options, fmt::format("grouped {}x{}/{} {}x{}d@{}", kernel, kernel, stride, groups, channels, size),
           2.0 * static_cast<double>(groups * channels * p.depth() * window.out_elements()), true,
           [&] { grouped(p, pool); });
  }
}

void time_pools(const Options& options, ThreadPool& pool) {
  constexpr std::int64_t kShapes[][4] = {{64, 112, 3, 2}, {64, 56, 3, 1}, {64, 112, 2, 2}, {512, 14, 3, 1}};
  for (const auto& [channels, size, kernel, stride] : kShapes) {
    const Window window = window_of(size, kernel, stride);
    Data x(square(channels, size)), y(square(channels, window.out[1]));
    const BlockedPooling p{.window = window, .x_planes = x.planes, .y_planes = y.planes, .x = x.data(), .y = y.data()};
    const auto name = fmt::format("{}x{}/{} {}@{}", kernel, kernel, stride, channels, size);
    report(options, "max " + name, x.bytes() + y.bytes(), false, [&] { max_pool(p, pool); });
    report(options, "average " + name, x.bytes() + y.bytes(), false, [&] { average_pool(p, pool); });
  }
  Data x(square(1280, 7)), y(square(1280, 1));
  report(options, "global average 1280@7", x.bytes(), false,
         [&] { global_average_pool(x.planes, x.data(), y.planes, y.data(), pool); });
  report(options, "global max 1280@7", x.bytes(), false,
         [&] { global_max_pool(x.planes, x.data(), y.planes, y.data(), pool); });
}

void time_moves(const Options& options, ThreadPool& pool) {
  const Halo one = {1, 1, 1, 1};
  for (std::int64_t size : {112, 28, 7}) {
    const std::int64_t channels = size == 7 ? 1024 : size == 28 ? 256 : 64;
    Data planar(square(channels, size, {}, 1)), blocked(square(channels, size)), wide(square(channels, size, one));
    const double bytes = planar.bytes() + blocked.bytes();
    const auto shape = fmt::format(" {}@{}", channels, size);
    const auto move = [&](const char* name, Data& from, Data& to) {
      report(options, name + shape, bytes, false,
             [&] { reorder(from.planes, from.data(), to.planes, to.data(), pool); });
    };
    move("planar to blocked", planar, blocked);
    move("planar to haloed", planar, wide);
    move("blocked to planar", blocked, planar);
    move("haloed to planar", wide, planar);
    move("blocked to haloed", blocked, wide);
  }
}

void time_pointwise(const Options& options, ThreadPool& pool) {
  for (std::int64_t size : {56, 14}) {
    const std::int64_t channels = size == 14 ? 512 : 64;
    Data a(square(channels, size)), b(square(channels, size)), y(square(channels, size)), gate(square(channels, 1));
    const auto shape = fmt::format(" {}@{}", channels, size);
    report(options, "add + relu" + shape, 3 * a.bytes(), false, [&] {
      binary({BinaryFunction::kAdd, {a.planes, a.data()}, {b.planes, b.data()}, y.planes, y.data(), {Unary::kRelu}},
             pool);
    });
    report(options, "gate" + shape, 2 * a.bytes(), false, [&] {
      binary({BinaryFunction::kMul, {a.planes, a.data()}, {gate.planes, gate.data()}, y.planes, y.data(), {}}, pool);
    });
    report(options, "normalize + relu" + shape, 2 * a.bytes(), false, [&] {
      normalize({a.planes, y.planes, a.data(), gate.data(), gate.data(), gate.data(), y.data(), {Unary::kRelu}}, pool);
    });
    report(options, "silu" + shape, 2 * a.bytes(), false,
           [&] { activate({Unary::kSilu}, a.planes, a.data(), y.planes, y.data(), pool); });
  }
}

void time_shuffles(const Options& options, ThreadPool& pool) {
  const auto time = [&](const char* name, std::int64_t size, std::int64_t left, std::int64_t right,
                        std::vector<ChannelOrigin> origins) {
    Data a(square(left, size)), b(square(right, size)), y(square(static_cast<std::int64_t>(origins.size()), size));
    const ChannelTable table(std::move(origins));
    const ChannelSource sources[] = {{a.planes, a.data()}, {b.planes, b.data()}};
    report(options, name, 2 * y.bytes(), false, [&] { gather_channels(table, sources, y.planes, y.data(), pool); });
  };
  std::vector<ChannelOrigin> concat, shuffle, half;
  for (std::int32_t c = 0; c < 232; ++c) {
    concat.push_back({c >= 116, c % 116});
    shuffle.push_back({c % 2, c / 2});
    if (c >= 116) half.push_back({0, c});
  }
  time("concat 116+116@28", 28, 116, 116, concat);
  time("shuffle 116+116@28", 28, 116, 116, shuffle);
  time("second half of 232@28", 28, 232, 16, half);
  time("concat 116+116@7", 7, 116, 116, concat);
}

int run(const Options& options) {
  ThreadPool pool(options.threads);
  time_depthwise(options, pool);
  time_grouped(options, pool);
  time_pools(options, pool);
  time_moves(options, pool);
  time_pointwise(options, pool);
  time_shuffles(options, pool);
  return 0;
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) {
  pleat::Options options;
  if (argc > 1) options.threads = std::max(1, std::atoi(argv[1]));
  if (argc > 2) options.seconds = std::atof(argv[2]) * 1e-3;
  if (argc > 3) options.part = argv[3];
  return pleat::run(options);
}
