// The Winograd convolution of common shapes; what is told of the peak is the work of a direct convolution.
#include <memory>

#include "runtime/base/buffer_arena.h"
#include "runtime/kernels/blocked/winograd.h"
#include "tests/bench/bench.h"

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

class Call {
 public:
  Call(const Shape& s, int threads)
      : conv_(problem(s)),
        weights_(static_cast<std::int64_t>(packed_winograd_elements(s.in_channels, s.out_channels))),
        copies_(cold_copies(weights_)),
        x_(session_, conv_.in.elements()),
        y_(session_, conv_.out.elements()),
        bias_(model_, s.out_channels),
        packed_(model_, copies_ * weights_),
        scratch_(session_.take(winograd_scratch_bytes(conv_, threads))) {
    Floats w(model_, s.in_channels * s.out_channels * 9);
    for (std::int64_t i = 0; i < copies_; ++i)
      pack_winograd(s.in_channels, s.out_channels, {0, conv_.out.blocks()}, w.data(), packed_.data() + i * weights_);
    conv_.x = x_.data();
    conv_.bias = bias_.data();
    conv_.y = y_.data();
  }

  void operator()(ThreadPool& pool) {
    conv_.packed = packed_.data() + next_++ % copies_ * weights_;
    winograd_conv(conv_, scratch_.data(), pool);
  }

 private:
  static WinogradConv problem(const Shape& s) {
    const Halo halo = {1, 1, 1, 1};
    WinogradConv conv;
    conv.in = {.channels = s.in_channels, .height = s.size, .width = s.size, .halo = halo};
    conv.out = {.channels = s.out_channels, .height = s.size, .width = s.size, .halo = halo};
    conv.pad_top = conv.pad_left = 1;
    conv.epilogue.activation.function = Unary::kRelu;
    return conv;
  }

  BufferArena model_, session_;  // as in a run
  WinogradConv conv_;
  std::int64_t weights_, copies_, next_ = 0;
  Floats x_, y_, bias_, packed_;
  AlignedBuffer scratch_;
};

void add_all() {
  for (const Shape& s : kShapes)
    add_benchmark(s.name, {2 * static_cast<double>(s.in_channels * s.out_channels * 9 * s.size * s.size)},
                  [s](ThreadPool& pool) -> std::function<void()> {
                    return [call = std::make_shared<Call>(s, pool.threads()), &pool] { (*call)(pool); };
                  });
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) { return pleat::run_benchmarks(argc, argv, pleat::add_all); }
