// How near the kernels of blocked planes besides the dense convolution come to the machine: depthwise and grouped
// convolutions as a share of the peak of multiply-adds, the others in bytes read and written a second.
#include <fmt/core.h>

#include <memory>
#include <string>
#include <vector>

#include "runtime/base/aligned_buffer.h"
#include "runtime/kernels/blocked/depthwise.h"
#include "runtime/kernels/blocked/grouped.h"
#include "runtime/kernels/blocked/halo.h"
#include "runtime/kernels/blocked/pointwise.h"
#include "runtime/kernels/blocked/pool.h"
#include "runtime/kernels/blocked/reorder.h"
#include "runtime/kernels/blocked/shuffle.h"
#include "tests/bench/bench.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

/// The memory of planes, random inside, zero in the halo.
struct Data {
  Planes planes;
  AlignedBuffer buffer;

  explicit Data(const Planes& p) : planes(p), buffer(static_cast<std::size_t>(p.elements()) * sizeof(float)) {
    fill_planes(planes, data());
  }
  float* data() { return reinterpret_cast<float*>(buffer.data()); }
};

/// Registers body(data of each planes, pool).
void add(const std::string& name, const Work& work, std::vector<Planes> planes,
         std::function<void(std::vector<Data>& data, ThreadPool& pool)> body) {
  add_benchmark(name, work, [=](ThreadPool& pool) -> std::function<void()> {
    auto data = std::make_shared<std::vector<Data>>();
    for (const Planes& p : planes) data->emplace_back(p);
    return [=, &pool] { body(*data, pool); };
  });
}

Work bytes(std::initializer_list<Planes> planes) {
  double elements = 0;
  for (const Planes& p : planes) elements += static_cast<double>(p.elements());
  return {elements * sizeof(float), Work::Unit::kBytes};
}

Work operations(std::int64_t multiply_adds) { return {2 * static_cast<double>(multiply_adds)}; }

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

/// Weights packed once, however many instruction sets there are.
std::shared_ptr<AlignedBuffer> packed(std::size_t elements) {
  return std::make_shared<AlignedBuffer>(elements * sizeof(float));
}

float* floats(const std::shared_ptr<AlignedBuffer>& buffer) { return reinterpret_cast<float*>(buffer->data()); }

void add_depthwise() {
  constexpr std::int64_t kShapes[][4] = {{96, 112, 3, 1}, {96, 112, 3, 2}, {144, 56, 3, 1}, {144, 56, 3, 2},
                                         {192, 28, 3, 1}, {192, 28, 3, 2}, {576, 14, 3, 1}, {576, 14, 3, 2},
                                         {960, 7, 3, 1},  {240, 28, 5, 1}, {240, 28, 5, 2}, {672, 14, 5, 1},
                                         {672, 14, 5, 2}, {1152, 7, 5, 1}, {96, 56, 7, 1},  {768, 7, 7, 1}};
  for (const auto& [channels, size, kernel, stride] : kShapes) {
    const Window window = window_of(size, kernel, stride);
    const auto weights = packed(packed_depthwise_elements(window, channels));
    pack_depthwise(window, channels, random_values<float>(channels * window.taps(), 2).data(), floats(weights));
    add(fmt::format("depthwise {}x{}/{} {}@{}", kernel, kernel, stride, channels, size),
        operations(channels * window.taps() * window.out_elements()),
        {square(channels, size, padding_halo(window)), square(channels, window.out[1])},
        [=](std::vector<Data>& d, ThreadPool& pool) {
          DepthwiseProblem p{.window = window, .x_planes = d[0].planes, .y_planes = d[1].planes, .x = d[0].data()};
          p.packed_w = floats(weights);
          p.y = d[1].data();
          p.epilogue.activation = {Unary::kClip, 0, 6};
          depthwise(p, pool);
        });
  }
}

void add_grouped() {
  constexpr std::int64_t kShapes[][5] = {{32, 4, 56, 3, 1}, {32, 8, 28, 3, 1}, {32, 8, 56, 3, 2}, {13, 8, 28, 3, 1},
                                         {7, 24, 28, 3, 1}, {7, 24, 56, 3, 2}, {3, 80, 28, 1, 1}, {64, 2, 28, 3, 1}};
  for (const auto& [groups, channels, size, kernel, stride] : kShapes) {
    const Window window = window_of(size, kernel, stride);
    const Planes x = square(groups * channels, size, padding_halo(window)),
                 y = square(groups * channels, window.out[1]);
    GroupedProblem p{.window = window, .groups = groups, .x_planes = x, .y_planes = y};
    const auto weights = packed(packed_grouped_elements(p));
    pack_grouped(p, random_values<float>(groups * channels * p.depth(), 2).data(), floats(weights));
    p.packed_w = floats(weights);
    p.epilogue.activation = {Unary::kRelu, 0, 0};
    add(fmt::format("grouped {}x{}/{} {}x{}d@{}", kernel, kernel, stride, groups, channels, size),
        operations(groups * channels * p.depth() * window.out_elements()), {x, y},
        [p, weights](std::vector<Data>& d, ThreadPool& pool) {
          GroupedProblem placed = p;
          placed.x = d[0].data();
          placed.y = d[1].data();
          grouped(placed, pool);
        });
  }
}

void add_pools() {
  constexpr std::int64_t kShapes[][4] = {{64, 112, 3, 2}, {64, 56, 3, 1}, {64, 112, 2, 2}, {512, 14, 3, 1}};
  for (const auto& [channels, size, kernel, stride] : kShapes) {
    const Window window = window_of(size, kernel, stride);
    const Planes x = square(channels, size), y = square(channels, window.out[1]);
    const auto name = fmt::format("{}x{}/{} {}@{}", kernel, kernel, stride, channels, size);
    const auto problem = [window](std::vector<Data>& d) {
      return BlockedPooling{
          .window = window, .x_planes = d[0].planes, .y_planes = d[1].planes, .x = d[0].data(), .y = d[1].data()};
    };
    add("max " + name, bytes({x, y}), {x, y},
        [=](std::vector<Data>& d, ThreadPool& pool) { max_pool(problem(d), pool); });
    add("average " + name, bytes({x, y}), {x, y},
        [=](std::vector<Data>& d, ThreadPool& pool) { average_pool(problem(d), pool); });
  }
  const Planes x = square(1280, 7), y = square(1280, 1);
  add("global average 1280@7", bytes({x}), {x, y}, [](std::vector<Data>& d, ThreadPool& pool) {
    global_average_pool(d[0].planes, d[0].data(), d[1].planes, d[1].data(), pool);
  });
  add("global max 1280@7", bytes({x}), {x, y}, [](std::vector<Data>& d, ThreadPool& pool) {
    global_max_pool(d[0].planes, d[0].data(), d[1].planes, d[1].data(), pool);
  });
}

void add_moves() {
  for (const std::int64_t size : {112, 28, 7}) {
    const std::int64_t channels = size == 7 ? 1024 : size == 28 ? 256 : 64;
    const Planes planar = square(channels, size, {}, 1), blocked = square(channels, size);
    const Planes haloed = square(channels, size, {1, 1, 1, 1});
    const auto move = [&](const char* name, const Planes& from, const Planes& to) {
      add(fmt::format("{} {}@{}", name, channels, size), bytes({planar, blocked}), {from, to},
          [](std::vector<Data>& d, ThreadPool& pool) {
            reorder(d[0].planes, d[0].data(), d[1].planes, d[1].data(), pool);
          });
    };
    move("planar to blocked", planar, blocked);
    move("planar to haloed", planar, haloed);
    move("blocked to planar", blocked, planar);
    move("haloed to planar", haloed, planar);
    move("blocked to haloed", blocked, haloed);
  }
}

void add_pointwise() {
  for (const std::int64_t size : {56, 14}) {
    const std::int64_t channels = size == 14 ? 512 : 64;
    const Planes all = square(channels, size), one = square(channels, 1);
    const auto shape = fmt::format(" {}@{}", channels, size);
    add("add + relu" + shape, bytes({all, all, all}), {all, all, all}, [](std::vector<Data>& d, ThreadPool& pool) {
      binary({BinaryFunction::kAdd,
              {d[0].planes, d[0].data()},
              {d[1].planes, d[1].data()},
              d[2].planes,
              d[2].data(),
              {Unary::kRelu}},
             pool);
    });
    add("gate" + shape, bytes({all, all}), {all, one, all}, [](std::vector<Data>& d, ThreadPool& pool) {
      binary(
          {BinaryFunction::kMul, {d[0].planes, d[0].data()}, {d[1].planes, d[1].data()}, d[2].planes, d[2].data(), {}},
          pool);
    });
    add("normalize + relu" + shape, bytes({all, all}), {all, one, all}, [](std::vector<Data>& d, ThreadPool& pool) {
      normalize(
          {d[0].planes, d[2].planes, d[0].data(), d[1].data(), d[1].data(), d[1].data(), d[2].data(), {Unary::kRelu}},
          pool);
    });
    add("silu" + shape, bytes({all, all}), {all, all}, [](std::vector<Data>& d, ThreadPool& pool) {
      activate({Unary::kSilu}, d[0].planes, d[0].data(), d[1].planes, d[1].data(), pool);
    });
  }
}

void add_shuffles() {
  const auto add_gather = [](const char* name, std::int64_t size, std::int64_t left, std::int64_t right,
                             std::vector<ChannelOrigin> origins) {
    const Planes y = square(static_cast<std::int64_t>(origins.size()), size);
    const auto table = std::make_shared<ChannelTable>(std::move(origins));
    add(name, bytes({y, y}), {square(left, size), square(right, size), y},
        [table](std::vector<Data>& d, ThreadPool& pool) {
          const ChannelSource sources[] = {{d[0].planes, d[0].data()}, {d[1].planes, d[1].data()}};
          gather_channels(*table, sources, d[2].planes, d[2].data(), pool);
        });
  };
  std::vector<ChannelOrigin> concat, shuffle, half;
  for (std::int32_t c = 0; c < 232; ++c) {
    concat.push_back({c >= 116, c % 116});
    shuffle.push_back({c % 2, c / 2});
    if (c >= 116) half.push_back({0, c});
  }
  add_gather("concat 116+116@28", 28, 116, 116, concat);
  add_gather("shuffle 116+116@28", 28, 116, 116, shuffle);
  add_gather("second half of 232@28", 28, 232, 16, half);
  add_gather("concat 116+116@7", 7, 116, 116, concat);
}

void add_all() {
  add_depthwise();
  add_grouped();
  add_pools();
  add_moves();
  add_pointwise();
  add_shuffles();
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) { return pleat::run_benchmarks(argc, argv, pleat::add_all); }
