#pragma once

#include <cstdint>

#include "runtime/kernels/window.h"

namespace pleat {

/// Of a window of two spatial axes; what is said once holds for both.
struct Taps {
  std::int64_t height, width, stride, dilation, before, after;
};

inline Window window_of(std::int64_t height, std::int64_t width, const Taps& taps) {
  Window w{.in = {1, height, width},
           .kernel = {1, taps.height, taps.width},
           .stride = {1, taps.stride, taps.stride},
           .dilation = {1, taps.dilation, taps.dilation},
           .pad_begin = {0, taps.before, taps.before},
           .pad_end = {0, taps.after, taps.after}};
  for (std::size_t a = 1; a < 3; ++a)
    w.out[a] = (w.in[a] + taps.before + taps.after - (w.kernel[a] - 1) * taps.dilation - 1) / taps.stride + 1;
  return w;
}

}  // namespace pleat
