#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// y[N,M,out…] = bias[M] + x[N,C,in…] ∗ w[M,C/G,kernel…], all row-major and dense, for T = float or double.
/// Each output is one chain of fused multiply-adds in the order of reference::convolve, started from the bias (0 where
/// absent): the same bits on every instruction set, thread count and batch size.
template <class T>
struct ConvProblem {
  Window window;
  std::int64_t batch = 0, groups = 1;
  std::int64_t in_channels = 0;   ///< of one group
  std::int64_t out_channels = 0;  ///< of one group
  const T* x = nullptr;
  const T* w = nullptr;
  const T* packed_w = nullptr;  ///< what pack_weights made of w, or null: then it is made in scratch
  const T* bias = nullptr;      ///< may be null
  T* y = nullptr;

  std::int64_t depth() const { return in_channels * window.taps(); }
  std::int64_t weights() const { return groups * out_channels * depth(); }
};

/// `w` with each output channel's weights in the order in which they are summed.
template <class T>
void pack_weights(const ConvProblem<T>& problem, T* packed);

/// Counts room for packed weights too where packed_w is null.
template <class T>
std::size_t conv_scratch_bytes(const ConvProblem<T>& problem, int threads);

template <class T>
void conv(const ConvProblem<T>& problem, std::byte* scratch, ThreadPool& pool);

}  // namespace pleat
