#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/unary.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// y = activation(bias + x ∗ w + addend) for few output channels, neighbouring pixels of a row in the lanes of a
/// vector. Each sum is one chain in the order of reference::convolve: the same bits on every instruction set, thread
/// count and batch size.
///
/// Layout: x as row-major planes (lanes 1) whose halo covers the padding; y and the addend row-major and dense,
/// [batch][out_channels][height][width]. The window has two spatial axes and steps of 1 along a row. y may be the
/// addend, never x.
///
/// Packed weights: [out_channels] of bias, then [input block][tap][channel of the block][out_channels]. No scratch;
/// threads share the rows of y.
struct PixelConv {
  Window window;  ///< axis 0 has size 1
  Planes x_planes;
  std::int64_t out_channels = 0;
  const float* x = nullptr;
  const float* packed = nullptr;
  const float* addend = nullptr;  ///< may be null
  float* y = nullptr;
  Activation activation;

  std::int64_t depth() const { return x_planes.channels * window.taps(); }
};

inline std::size_t packed_pixel_conv_elements(const PixelConv& conv) {
  return static_cast<std::size_t>((1 + conv.depth()) * conv.out_channels);
}

/// `w` is [out][in][kernel…] and `bias` [out] or null. Only the shapes of `conv` are read.
void pack_pixel_conv(const PixelConv& conv, const float* w, const float* bias, float* packed);

void pixel_conv(const PixelConv& conv, ThreadPool& pool);

}  // namespace pleat
