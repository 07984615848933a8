#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/blocked/epilogue.h"
#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// A convolution in groups of any number of channels over NCHW16c planes: y = activation(bias + x ∗ w + addend), each
/// sum one chain in the order of reference::convolve, the bits of kernels/conv.h. Made for groups that share a block of
/// output lanes: each lane looks up its own group's channel in the pixel. Depthwise convolutions and groups of whole
/// blocks have faster kernels of their own. The halo of x is the padding: it is at least padding_halo(window). The halo
/// of y becomes zeros. No scratch; threads share the rows of y. x and y do not overlap; the addend may be y.
struct GroupedProblem {
  Window window;  ///< axis 0 has size 1; in and out are the sizes of the planes
  std::int64_t groups = 1;
  Planes x_planes, y_planes;        ///< their channels are multiples of `groups`
  const float* x = nullptr;         ///< an image of it has less than 2^31 elements
  const float* packed_w = nullptr;  ///< of pack_grouped
  const float* bias = nullptr;      ///< blocks() · kChannelBlock, the spare ones finite; may be null
  float* y = nullptr;
  Epilogue epilogue = {};

  std::int64_t group_inputs() const { return x_planes.channels / groups; }
  std::int64_t group_outputs() const { return y_planes.channels / groups; }
  std::int64_t depth() const { return group_inputs() * window.taps(); }
};

/// Elements of packed weights: [block of y][step of the sum][kChannelBlock], aligned, spare lanes zero.
std::size_t packed_grouped_elements(const GroupedProblem& problem);

/// Packs row-major w[outputs,group_inputs,kernel…]. Only the shapes of `problem` are read.
void pack_grouped(const GroupedProblem& problem, const float* w, float* packed);

void grouped(const GroupedProblem& problem, ThreadPool& pool);

}  // namespace pleat
