#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/gemm.h"
#include "runtime/kernels/window.h"

/// The specification of the kernels: plain loops that say which operations make an output element, in which order.
/// The vector kernels do the same to many outputs at once and must give the same bits.
namespace pleat::reference {

/// b[k,j], where it lies or in its packed strip.
template <class T>
T right_element(const GemmProblem<T>& p, std::int64_t k, std::int64_t j) {
  if (p.packed_b == nullptr) return p.b[k * p.b_k + j * p.b_column];
  return p.packed_b[(j / kStripWidth<T> * p.k + k) * kStripWidth<T> + j % kStripWidth<T>];
}

/// y[i,j] = fma(a[i,k], b[k,j], ·) over k ascending, started from the bias or 0, plus the addends; no activation yet.
template <class T>
void gemm_block(const GemmProblem<T>& p, Interval rows, Interval columns) {
  for (std::int64_t i = rows.begin; i < rows.end; ++i)
    for (std::int64_t j = columns.begin; j < columns.end; ++j) {
      T sum = p.bias != nullptr ? p.bias[i * p.bias_row + j] : T{0};
      for (std::int64_t k = 0; k < p.k; ++k) sum = std::fma(p.a[i * p.a_row + k * p.a_k], right_element(p, k, j), sum);
      for (const Addend<T>& addend : p.addends)
        if (addend.data != nullptr) sum += addend.data[i * addend.row + j];
      p.y[i * p.n + j] = sum;
    }
}

/// One output element of a convolution within one group: `x` and `w` are the group's input planes and the output
/// channel's weights, `start` the bias or 0, `at` the output position. The sum runs over blocks of kChannelBlock input
/// channels, then the taps in row-major order, then the channels of the block. Padding reads as 0 and takes part.
template <class T>
T convolve(const Window& window, std::int64_t channels, const T* x, const T* w, T start, const Window::Sizes& at) {
  T sum = start;
  for (std::int64_t block = 0; block < channels; block += kChannelBlock)
    for (std::int64_t tap = 0; tap < window.taps(); ++tap) {
      const Window::Sizes t = Window::unravel(tap, window.kernel);
      const std::int64_t d = window.source(0, at[0], t[0]);
      const std::int64_t h = window.source(1, at[1], t[1]);
      const std::int64_t v = window.source(2, at[2], t[2]);
      const bool inside = d >= 0 && d < window.in[0] && h >= 0 && h < window.in[1] && v >= 0 && v < window.in[2];
      const std::int64_t pixel = (d * window.in[1] + h) * window.in[2] + v;
      for (std::int64_t c = block; c < std::min(channels, block + kChannelBlock); ++c)
        sum = std::fma(inside ? x[c * window.in_elements() + pixel] : T{0}, w[c * window.taps() + tap], sum);
    }
  return sum;
}

/// One output element of a transposed convolution within one group: `window` is that of the convolution transposed (its
/// `in` a plane of y, its `out` a plane of x), `x` the group's input planes, `w` the output channel's weights for the
/// first input channel, the next channel's `w_step` further on, `start` the bias or 0, `at` the output position.
/// The sum runs over blocks of kChannelBlock input channels, then the taps that meet `at`, last one first in row-major
/// order, then the channels of the block. A tap that meets `at` from outside x reads 0 and takes part.
template <class T>
T convolve_transposed(const Window& window, std::int64_t channels, const T* x, const T* w, std::int64_t w_step, T start,
                      const Window::Sizes& at) {
  T sum = start;
  for (std::int64_t block = 0; block < channels; block += kChannelBlock)
    for (std::int64_t tap = window.taps() - 1; tap >= 0; --tap) {
      const Window::Sizes t = Window::unravel(tap, window.kernel);
      std::int64_t pixel = 0;
      bool meets = true, inside = true;
      for (std::size_t a = 0; a < Window::kAxes; ++a) {
        const std::int64_t distance = at[a] + window.pad_begin[a] - t[a] * window.dilation[a];
        const std::int64_t source = distance / window.stride[a];
        meets = meets && distance % window.stride[a] == 0;
        inside = inside && distance >= 0 && source < window.out[a];
        pixel = pixel * window.out[a] + source;
      }
      if (!meets) continue;
      for (std::int64_t c = block; c < std::min(channels, block + kChannelBlock); ++c)
        sum = std::fma(inside ? x[c * window.out_elements() + pixel] : T{0}, w[c * w_step + tap], sum);
    }
  return sum;
}

}  // namespace pleat::reference
