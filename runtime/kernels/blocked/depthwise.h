#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/epilogue.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/interval.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// A convolution of each channel by itself (as many groups as channels, one output channel each) over NCHW16c planes:
/// y = activation(bias + x ∗ w + addend), each sum one chain of fused multiply-adds over the taps in row-major order,
/// the bits of kernels/conv.h. The halo of x is the padding: it is at least padding_halo(window). The halo of y becomes
/// zeros. No scratch; threads share the rows of y. x and y do not overlap; the addend may be y.
struct DepthwiseProblem {
  Window window;  ///< axis 0 has size 1; in and out are the sizes of the planes
  Planes x_planes, y_planes;
  const float* x = nullptr;
  const float* packed_w = nullptr;  ///< of pack_depthwise
  const float* bias = nullptr;      ///< blocks() · kChannelBlock, the spare ones finite; may be null
  float* y = nullptr;
  Epilogue epilogue = {};
};

/// Elements of packed weights: [block][tap][kChannelBlock], aligned, spare lanes zero.
std::size_t packed_depthwise_elements(const Window& window, std::int64_t channels);

/// Packs row-major w[channels,1,kernel…].
void pack_depthwise(const Window& window, std::int64_t channels, const float* w, float* packed);

/// Rows of outputs of block `b` of image `n`, on the calling thread.
void depthwise_rows(const DepthwiseProblem& problem, std::int64_t n, std::int64_t b, Interval rows);

void depthwise(const DepthwiseProblem& problem, ThreadPool& pool);

}  // namespace pleat
