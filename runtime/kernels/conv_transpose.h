#pragma once

#include <cstddef>
#include <cstdint>

#include "runtime/base/thread_pool.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// y[N,M,out…] = bias[M] + x[N,C,in…] spread by w[C,M/G,kernel…], all row-major and dense, for T = float or double.
/// `window` is that of the convolution which is transposed: its `in` is a plane of y, its `out` a plane of x.
/// Each output is one chain of fused multiply-adds in the order of reference::convolve_transposed, started from the
/// bias (0 where absent): the same bits on every instruction set, thread count and batch size.
template <class T>
struct ConvTransposeProblem {
  Window window;
  std::int64_t batch = 0, groups = 1;
  std::int64_t in_channels = 0;   ///< of one group of x
  std::int64_t out_channels = 0;  ///< of one group of y
  const T* x = nullptr;
  const T* w = nullptr;
  const T* packed_w = nullptr;  ///< what pack_transposed_weights made of w, or null: then it is made in scratch
  const T* bias = nullptr;      ///< may be null
  T* y = nullptr;

  std::int64_t weights() const { return groups * out_channels * in_channels * window.taps(); }
};

/// Writes weights() elements at most. `arranged` is room for as many.
template <class T>
void pack_transposed_weights(const ConvTransposeProblem<T>& problem, T* arranged, T* packed);

template <class T>
std::size_t conv_transpose_scratch_bytes(const ConvTransposeProblem<T>& problem, int threads);

template <class T>
void conv_transpose(const ConvTransposeProblem<T>& problem, std::byte* scratch, ThreadPool& pool);

}  // namespace pleat
