// How near matrix products come to the machine's peak of multiply-adds, for the shapes of common networks.
#include "runtime/kernels/gemm.h"

#include <algorithm>
#include <memory>

#include "runtime/base/buffer_arena.h"
#include "tests/bench/bench.h"
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

AlignedBuffer random_buffer(BufferArena& memory, std::int64_t elements, unsigned seed) {
  const auto values = random_values<float>(elements, seed);
  AlignedBuffer buffer = memory.take(values.size() * sizeof(float));
  std::copy(values.begin(), values.end(), reinterpret_cast<float*>(buffer.data()));
  return buffer;
}

class Call {
 public:
  Call(const Case& c, int threads)
      : case_(c),
        a_(random_buffer(session_, c.count * c.m * c.k, 1)),
        b_(random_buffer(session_, c.count * c.n * c.k, 2)) {
    y_ = session_.take(static_cast<std::size_t>(c.count * c.m * c.n) * sizeof(float));
    shapes_ = {.m = c.m,
               .n = c.n,
               .k = c.k,
               .a = reinterpret_cast<const float*>(a_.data()),
               .a_row = c.k,
               .a_k = 1,
               .b = reinterpret_cast<const float*>(b_.data()),
               .b_k = c.trans_b ? 1 : c.n,
               .b_column = c.trans_b ? c.k : 1};
    elements_ = static_cast<std::int64_t>(packed_b_elements<float>(c.n, c.k));
    copies_ = c.constant_b ? cold_copies(elements_) : 0;
    packed_ = model_.take(static_cast<std::size_t>(copies_ * elements_) * sizeof(float));
    for (std::int64_t i = 0; i < copies_; ++i)
      pack_b(shapes_, reinterpret_cast<float*>(packed_.data()) + i * elements_);
    scratch_ = session_.take(gemm_scratch_bytes(shapes_, c.count, threads));  // for b not packed, which is more
  }

  void operator()(ThreadPool& pool) {
    if (copies_ > 0) shapes_.packed_b = reinterpret_cast<const float*>(packed_.data()) + next_++ % copies_ * elements_;
    gemm<float>(
        case_.count,
        [&](std::int64_t i) {
          GemmProblem<float> p = shapes_;
          p.a += i * case_.m * case_.k;
          p.b += i * case_.n * case_.k;
          p.y = reinterpret_cast<float*>(y_.data()) + i * case_.m * case_.n;
          return p;
        },
        scratch_.data(), pool);
  }

 private:
  Case case_;
  BufferArena model_, session_;  // as in a run
  AlignedBuffer a_, b_, y_, packed_, scratch_;
  GemmProblem<float> shapes_;
  std::int64_t elements_ = 0, copies_ = 0, next_ = 0;
};

void add_all() {
  for (const Case& c : kCases)
    add_benchmark(c.name, {2 * static_cast<double>(c.count * c.m * c.n * c.k)},
                  [c](ThreadPool& pool) -> std::function<void()> {
                    return [call = std::make_shared<Call>(c, pool.threads()), &pool] { (*call)(pool); };
                  });
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) { return pleat::run_benchmarks(argc, argv, pleat::add_all); }
