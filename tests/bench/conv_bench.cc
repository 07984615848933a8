// How near the blocked convolution comes to the machine's peak of multiply-adds, for the shapes of common networks.
#include <memory>

#include "runtime/base/buffer_arena.h"
#include "runtime/kernels/blocked/conv.h"
#include "tests/bench/bench.h"
#include "tests/support/random_values.h"

namespace pleat {
namespace {

struct Shape {
  const char* name;
  std::int64_t in_channels, out_channels, size, kernel, stride;
  bool planar = false;
  bool halo = false;  ///< of y, as wide as that of x

  std::int64_t pad() const { return kernel / 2; }
  std::int64_t out_size() const { return (size + 2 * pad() - kernel) / stride + 1; }
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

class Call {
 public:
  explicit Call(const Shape& shape) {
    const std::int64_t pad = shape.pad(), out_size = shape.out_size();
    conv_.in = {1, shape.in_channels, shape.size, shape.size, shape.planar ? 1 : kChannelBlock, {pad, pad, pad, pad}};
    conv_.out = {.channels = shape.out_channels, .height = out_size, .width = out_size};
    if (shape.halo) conv_.out.halo = {1, 1, 1, 1};
    conv_.kernel = {shape.kernel, shape.kernel};
    conv_.stride = {shape.stride, shape.stride};
    conv_.pad = {pad, pad};
    conv_.epilogue.activation = {.function = Unary::kRelu};
    x_ = session_.take(static_cast<std::size_t>(conv_.in.elements()) * sizeof(float));
    y_ = session_.take(static_cast<std::size_t>(conv_.out.elements()) * sizeof(float));
    weights_ = static_cast<std::int64_t>(packed_conv_elements(conv_));
    copies_ = cold_copies(weights_);
    packed_ = model_.take(static_cast<std::size_t>(copies_ * weights_) * sizeof(float));
    fill_planes(conv_.in, reinterpret_cast<float*>(x_.data()));
    const auto w = random_values<float>(shape.out_channels * conv_.depth(), 2);
    for (std::int64_t i = 0; i < copies_; ++i)
      pack_conv(conv_, w.data(), nullptr, {0, conv_.out.blocks()},
                reinterpret_cast<float*>(packed_.data()) + i * weights_);
    conv_.x = reinterpret_cast<const float*>(x_.data());
    conv_.y = reinterpret_cast<float*>(y_.data());
    conv_.packed = reinterpret_cast<const float*>(packed_.data());
    conv_.leaves_padding = padding_is_worth_leaving(conv_);
  }

  void operator()(ThreadPool& pool) {
    conv_.packed = reinterpret_cast<const float*>(packed_.data()) + next_++ % copies_ * weights_;
    conv(conv_, pool);
  }

 private:
  BufferArena model_, session_;  // as in a run
  AlignedBuffer x_, y_, packed_;
  BlockedConv conv_;
  std::int64_t weights_ = 0, copies_ = 1, next_ = 0;
};

/// Taps in the padding count as operations, whether a kernel leaves them out or not.
double operations(const Shape& shape) {
  return 2 * static_cast<double>(shape.in_channels * shape.out_channels * shape.kernel * shape.kernel) *
         static_cast<double>(shape.out_size() * shape.out_size());
}

void add_all() {
  for (const Shape& shape : kShapes)
    add_benchmark(shape.name, {operations(shape)}, [shape](ThreadPool& pool) -> std::function<void()> {
      return [call = std::make_shared<Call>(shape), &pool] { (*call)(pool); };
    });
}

}  // namespace
}  // namespace pleat

int main(int argc, char** argv) { return pleat::run_benchmarks(argc, argv, pleat::add_all); }
