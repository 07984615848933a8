#include "runtime/kernels/conv_transpose.h"

#include <algorithm>
#include <numeric>

#include "runtime/base/isa.h"
#include "runtime/kernels/conv.h"
#include "runtime/kernels/reference.h"

/// Outputs that lie a stride apart meet the same taps: they are one phase, and a phase is a plain convolution of x with
/// those taps, the last one first.

namespace pleat {
namespace {

struct Phase {
  Window::Sizes first;     ///< the phase's first position in the plane of y
  Window::Sizes last_tap;  ///< of the taps that it meets; the others lie tap_step apart below it
  Window::Sizes tap_step;
  Window window;  ///< from x to the phase's outputs
};

void place_axis(const Window& whole, std::size_t a, std::int64_t first, Phase& phase) {
  const std::int64_t stride = whole.stride[a], dilation = whole.dilation[a];
  const std::int64_t common = std::gcd(stride, dilation);
  const std::int64_t origin = first + whole.pad_begin[a];
  const std::int64_t step = stride / common;
  std::int64_t tap = 0;
  while (tap < std::min(step, whole.kernel[a]) && (origin - tap * dilation) % stride != 0) ++tap;
  const bool met = tap < std::min(step, whole.kernel[a]);
  const std::int64_t taps = met ? (whole.kernel[a] - 1 - tap) / step + 1 : 0;
  phase.first[a] = first;
  phase.tap_step[a] = step;
  phase.last_tap[a] = tap + (taps - 1) * step;
  phase.window.in[a] = whole.out[a];
  phase.window.out[a] = (whole.in[a] - first + stride - 1) / stride;
  phase.window.kernel[a] = taps;
  phase.window.dilation[a] = dilation / common;
  phase.window.pad_begin[a] = met ? -(origin - phase.last_tap[a] * dilation) / stride : 0;
}

Window::Sizes phase_counts(const Window& whole) {
  Window::Sizes counts;
  for (std::size_t a = 0; a < Window::kAxes; ++a) counts[a] = std::min(whole.stride[a], whole.in[a]);
  return counts;
}

Phase phase_at(const Window& whole, std::int64_t index) {
  const Window::Sizes first = Window::unravel(index, phase_counts(whole));
  Phase phase;
  for (std::size_t a = 0; a < Window::kAxes; ++a) place_axis(whole, a, first[a], phase);
  return phase;
}

template <class Body>
void for_each_phase(const Window& whole, Body&& body) {
  const std::int64_t count = Window::product(phase_counts(whole));
  for (std::int64_t i = 0; i < count; ++i) body(phase_at(whole, i));
}

bool has_one_phase(const Window& whole) { return Window::product(phase_counts(whole)) == 1; }

template <class T>
ConvProblem<T> plain_problem(const ConvTransposeProblem<T>& p, const Phase& phase) {
  ConvProblem<T> plain;
  plain.window = phase.window;
  plain.batch = p.batch;
  plain.groups = p.groups;
  plain.in_channels = p.in_channels;
  plain.out_channels = p.out_channels;
  plain.x = p.x;
  plain.bias = p.bias;
  return plain;
}

/// w[C,M/G,…] as the weights [M,C/G,…] of the phase's plain convolution.
template <class T>
void arrange_weights(const ConvTransposeProblem<T>& p, const Phase& phase, T* arranged) {
  const std::int64_t taps = p.window.taps();
  for (std::int64_t m = 0; m < p.groups * p.out_channels; ++m) {
    const T* w = p.w + (m / p.out_channels * p.in_channels * p.out_channels + m % p.out_channels) * taps;
    for (std::int64_t c = 0; c < p.in_channels; ++c, w += p.out_channels * taps)
      for (std::int64_t i = 0; i < phase.window.taps(); ++i) {
        const Window::Sizes at = Window::unravel(i, phase.window.kernel);
        std::int64_t tap = 0;
        for (std::size_t a = 0; a < Window::kAxes; ++a)
          tap = tap * p.window.kernel[a] + phase.last_tap[a] - at[a] * phase.tap_step[a];
        *arranged++ = w[tap];
      }
  }
}

/// Puts the phase's dense outputs in their places among those of y.
template <class T>
void interleave(const ConvTransposeProblem<T>& p, const Phase& phase, const T* dense, ThreadPool& pool) {
  const Window& whole = p.window;
  const Window::Sizes& count = phase.window.out;
  pool.parallel_for(p.batch * p.groups * p.out_channels, 1, [&](std::int64_t begin, std::int64_t end) {
    const T* from = dense + begin * phase.window.out_elements();
    for (std::int64_t plane = begin; plane < end; ++plane)
      for (std::int64_t d = 0; d < count[0]; ++d)
        for (std::int64_t h = 0; h < count[1]; ++h) {
          const std::int64_t depth = phase.first[0] + d * whole.stride[0];
          const std::int64_t row = phase.first[1] + h * whole.stride[1];
          T* to = p.y + ((plane * whole.in[0] + depth) * whole.in[1] + row) * whole.in[2] + phase.first[2];
          for (std::int64_t v = 0; v < count[2]; ++v) to[v * whole.stride[2]] = *from++;
        }
  });
}

/// What a run keeps in scratch, each part at a multiple of 64 bytes.
template <class T>
struct Scratch {
  std::size_t arranged = 0, dense = 0, plain = 0;  ///< bytes

  Scratch(const ConvTransposeProblem<T>& p, int threads) {
    for_each_phase(p.window, [&](const Phase& phase) {
      ConvProblem<T> problem = plain_problem(p, phase);
      problem.packed_w = p.packed_w;
      if (p.packed_w == nullptr) arranged = std::max(arranged, bytes(problem.weights()));
      const std::int64_t planes = p.batch * p.groups * p.out_channels;
      if (!has_one_phase(p.window)) dense = std::max(dense, bytes(planes * phase.window.out_elements()));
      plain = std::max(plain, conv_scratch_bytes(problem, threads));
    });
  }
  static std::size_t bytes(std::int64_t elements) {
    return (static_cast<std::size_t>(elements) * sizeof(T) + 63) / 64 * 64;
  }
};

template <class T>
void run_plain(const ConvTransposeProblem<T>& p, ThreadPool& pool) {
  const std::int64_t planes = p.groups * p.out_channels;
  pool.parallel_for(p.batch * planes, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t plane = begin; plane < end; ++plane) {
      const std::int64_t m = plane % planes, group = m / p.out_channels;
      const T* x = p.x + (plane / planes * p.groups + group) * p.in_channels * p.window.out_elements();
      const T* w = p.w + (group * p.in_channels * p.out_channels + m % p.out_channels) * p.window.taps();
      const T start = p.bias != nullptr ? p.bias[m] : T{0};
      for (std::int64_t i = 0; i < p.window.in_elements(); ++i)
        p.y[plane * p.window.in_elements() + i] = reference::convolve_transposed(
            p.window, p.in_channels, x, w, p.out_channels * p.window.taps(), start, Window::unravel(i, p.window.in));
    }
  });
}

}  // namespace

template <class T>
void pack_transposed_weights(const ConvTransposeProblem<T>& p, T* arranged, T* packed) {
  for_each_phase(p.window, [&](const Phase& phase) {
    ConvProblem<T> plain = plain_problem(p, phase);
    arrange_weights(p, phase, arranged);
    plain.w = arranged;
    pack_weights(plain, packed);
    packed += plain.weights();
  });
}

template <class T>
std::size_t conv_transpose_scratch_bytes(const ConvTransposeProblem<T>& p, int threads) {
  const Scratch<T> sizes(p, threads);
  return sizes.arranged + sizes.dense + sizes.plain;
}

template <class T>
void conv_transpose(const ConvTransposeProblem<T>& p, std::byte* scratch, ThreadPool& pool) {
  if (active_isa() == Isa::kReference) return run_plain(p, pool);
  const Scratch<T> sizes(p, pool.threads());
  T* arranged = reinterpret_cast<T*>(scratch);
  T* dense = reinterpret_cast<T*>(scratch + sizes.arranged);
  const T* packed = p.packed_w;
  for_each_phase(p.window, [&](const Phase& phase) {
    ConvProblem<T> plain = plain_problem(p, phase);
    if (packed != nullptr) {
      plain.packed_w = packed;
      packed += plain.weights();
    } else {
      arrange_weights(p, phase, arranged);
      plain.w = arranged;
    }
    const bool in_place = has_one_phase(p.window);
    plain.y = in_place ? p.y : dense;
    conv(plain, scratch + sizes.arranged + sizes.dense, pool);
    if (!in_place) interleave(p, phase, dense, pool);
  });
}

template void pack_transposed_weights(const ConvTransposeProblem<float>&, float*, float*);
template void pack_transposed_weights(const ConvTransposeProblem<double>&, double*, double*);
template std::size_t conv_transpose_scratch_bytes(const ConvTransposeProblem<float>&, int);
template std::size_t conv_transpose_scratch_bytes(const ConvTransposeProblem<double>&, int);
template void conv_transpose(const ConvTransposeProblem<float>&, std::byte*, ThreadPool&);
template void conv_transpose(const ConvTransposeProblem<double>&, std::byte*, ThreadPool&);

}  // namespace pleat
