#include "runtime/kernels/conv.h"

#include <algorithm>
#include <cstring>

#include "runtime/base/isa.h"
#include "runtime/base/thread_pool.h"
#include "runtime/kernels/gemm.h"
#include "runtime/kernels/reference.h"

namespace pleat {
namespace {

/// Output positions of one panel that read neighbouring inputs (a row's stride apart) through one tap, or padding.
struct Run {
  std::int64_t column;
  std::int64_t length;
  std::int64_t pixel;  ///< in the input plane; -1 for padding
};

/// The runs of one tap over a panel's output positions, in order.
template <class T>
struct Runs {
  Run run[kPanelWidth<T>];
  std::int64_t count = 0;

  void add(std::int64_t column, std::int64_t pixel, std::int64_t step) {
    if (count > 0) {
      Run& last = run[count - 1];
      const std::int64_t next = last.pixel < 0 ? -1 : last.pixel + last.length * step;
      if (pixel == next) {
        ++last.length;
        return;
      }
    }
    run[count++] = {column, 1, pixel};
  }
};

std::int64_t source_pixel(const Window& window, const Window::Sizes& at, const Window::Sizes& tap) {
  std::int64_t pixel = 0;
  for (int axis = 0; axis < Window::kAxes; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t source = window.source(axis, at[a], tap[a]);
    if (source < 0 || source >= window.in[a]) return -1;
    pixel = pixel * window.in[a] + source;
  }
  return pixel;
}

template <class T>
void copy_runs(const Runs<T>& runs, std::int64_t step, const T* plane, T* row) {
  for (std::int64_t i = 0; i < runs.count; ++i) {
    const Run& r = runs.run[i];
    if (r.pixel < 0)
      std::fill_n(row + r.column, r.length, T{0});
    else if (step == 1)
      std::memcpy(row + r.column, plane + r.pixel, static_cast<std::size_t>(r.length) * sizeof(T));
    else
      for (std::int64_t j = 0; j < r.length; ++j) row[r.column + j] = plane[r.pixel + j * step];
  }
}

/// Lays out what the outputs `columns` of one group read, one row per step of the sum, as a panel of gemm.
template <class T>
void pack_columns(const ConvProblem<T>& p, const T* x, Interval columns, T* panel) {
  const Window& window = p.window;
  const std::int64_t step = window.stride[2];
  const std::int64_t width = columns.size();
  Window::Sizes at[kPanelWidth<T>];
  for (std::int64_t j = 0; j < width; ++j) at[j] = Window::unravel(columns.begin + j, window.out);

  for (std::int64_t tap = 0; tap < window.taps(); ++tap) {
    const Window::Sizes tap_at = Window::unravel(tap, window.kernel);
    Runs<T> runs;
    for (std::int64_t j = 0; j < width; ++j) runs.add(j, source_pixel(window, at[j], tap_at), step);
    for (std::int64_t j = width; j < kPanelWidth<T>; ++j) runs.add(j, -1, step);
    for (std::int64_t c = 0; c < p.in_channels; ++c) {
      const std::int64_t block = c / kChannelBlock * kChannelBlock;
      const std::int64_t block_size = std::min(kChannelBlock, p.in_channels - block);
      const std::int64_t row = block * window.taps() + tap * block_size + (c - block);
      copy_runs(runs, step, x + c * window.in_elements(), panel + row * kPanelWidth<T>);
    }
  }
}

/// One panel of output positions for some output channels of one image and group.
template <class T>
struct Piece {
  std::int64_t image, group;
  Interval channels, columns;
};

template <class T>
T* output_plane(const ConvProblem<T>& p, const Piece<T>& piece, std::int64_t channel) {
  return p.y + ((piece.image * p.groups + piece.group) * p.out_channels + channel) * p.window.out_elements();
}

template <class T>
const T* input_planes(const ConvProblem<T>& p, const Piece<T>& piece) {
  return p.x + (piece.image * p.groups + piece.group) * p.in_channels * p.window.in_elements();
}

template <class T>
T start_of(const ConvProblem<T>& p, const Piece<T>& piece, std::int64_t channel) {
  return p.bias != nullptr ? p.bias[piece.group * p.out_channels + channel] : T{0};
}

template <class T>
void run_plain(const ConvProblem<T>& p, const Piece<T>& piece) {
  for (std::int64_t m = piece.channels.begin; m < piece.channels.end; ++m) {
    const T* w = p.w + (piece.group * p.out_channels + m) * p.depth();
    for (std::int64_t j = piece.columns.begin; j < piece.columns.end; ++j)
      output_plane(p, piece, m)[j] = reference::convolve(p.window, p.in_channels, input_planes(p, piece), w,
                                                         start_of(p, piece, m), Window::unravel(j, p.window.out));
  }
}

template <class T>
void run_panel(const ConvProblem<T>& p, const Piece<T>& piece, const T* packed_w, const T* panel) {
  const std::int64_t width = piece.columns.end - piece.columns.begin;
  for (std::int64_t m = piece.channels.begin; m < piece.channels.end; ++m)
    std::fill_n(output_plane(p, piece, m) + piece.columns.begin, width, start_of(p, piece, m));
  multiply_panel<T>({.rows = piece.channels.size(),
                     .columns = width,
                     .k = p.depth(),
                     .a = packed_w + (piece.group * p.out_channels + piece.channels.begin) * p.depth(),
                     .a_row = p.depth(),
                     .a_k = 1,
                     .panel = panel,
                     .y = output_plane(p, piece, piece.channels.begin) + piece.columns.begin,
                     .y_row = p.window.out_elements()});
}

/// Elements of packed weights in scratch, rounded up so that the panels after them stay aligned.
template <class T>
std::int64_t scratch_weights(const ConvProblem<T>& p) {
  if (p.packed_w != nullptr) return 0;
  return (p.weights() + kPanelWidth<T> - 1) / kPanelWidth<T> * kPanelWidth<T>;
}

}  // namespace

template <class T>
void pack_weights(const ConvProblem<T>& p, T* packed) {
  const std::int64_t taps = p.window.taps();
  for (std::int64_t m = 0; m < p.groups * p.out_channels; ++m) {
    const T* w = p.w + m * p.depth();
    for (std::int64_t block = 0; block < p.in_channels; block += kChannelBlock)
      for (std::int64_t tap = 0; tap < taps; ++tap)
        for (std::int64_t c = block; c < std::min(p.in_channels, block + kChannelBlock); ++c)
          *packed++ = w[c * taps + tap];
  }
}

template <class T>
std::size_t conv_scratch_bytes(const ConvProblem<T>& p, int threads) {
  return static_cast<std::size_t>(scratch_weights(p) + threads * p.depth() * kPanelWidth<T>) * sizeof(T);
}

template <class T>
void conv(const ConvProblem<T>& p, std::byte* scratch, ThreadPool& pool) {
  const bool plain = active_isa() == Isa::kReference;
  T* memory = reinterpret_cast<T*>(scratch);
  if (p.packed_w == nullptr && !plain) pack_weights(p, memory);
  const T* packed_w = p.packed_w != nullptr ? p.packed_w : memory;
  T* slots = memory + scratch_weights(p);

  const std::int64_t positions = p.window.out_elements();
  const PanelTasks tasks(p.batch * p.groups, p.out_channels, panel_count<T>(positions), pool.threads());
  pool.parallel_slots(tasks.count, 1, [&](std::int64_t thread, std::int64_t begin, std::int64_t end) {
    T* panel = slots + thread * p.depth() * kPanelWidth<T>;
    std::int64_t in_panel = -1;
    for (std::int64_t task = begin; task < end; ++task) {
      const std::int64_t whole = task / tasks.row_chunks;
      const std::int64_t first = whole % tasks.panels * kPanelWidth<T>;
      const std::int64_t image_group = whole / tasks.panels;
      const Piece<T> piece = {.image = image_group / p.groups,
                              .group = image_group % p.groups,
                              .channels = tasks.rows(task % tasks.row_chunks, p.out_channels),
                              .columns = {first, std::min(positions, first + kPanelWidth<T>)}};
      if (plain) {
        run_plain(p, piece);
        continue;
      }
      if (in_panel != whole) pack_columns(p, input_planes(p, piece), piece.columns, panel);
      in_panel = whole;
      run_panel(p, piece, packed_w, panel);
    }
  });
}

template void pack_weights(const ConvProblem<float>&, float*);
template void pack_weights(const ConvProblem<double>&, double*);
template std::size_t conv_scratch_bytes(const ConvProblem<float>&, int);
template std::size_t conv_scratch_bytes(const ConvProblem<double>&, int);
template void conv(const ConvProblem<float>&, std::byte*, ThreadPool&);
template void conv(const ConvProblem<double>&, std::byte*, ThreadPool&);

}  // namespace pleat
