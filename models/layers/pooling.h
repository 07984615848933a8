#pragma once

#include <algorithm>

#include "models/layers/window.h"

namespace pleat {

/// Refuses padding beyond half the kernel, where a window might see nothing but padding.
Result<Shape> pooled_shape(const Window2d& window, const Shape& input);

/// Calls visit(o) once per output feature of [C,OH,OW] and tap(o, i) for every
/// input feature i of [C,H,W] its window covers, row by row.
template <class Visit, class Tap>
void for_each_window(const Window2d& window, const Shape& input, const Shape& output, Visit visit, Tap tap) {
  const auto [kh, kw] = window.kernel_size;
  std::int64_t o = 0;
  for (std::int64_t c = 0; c < output[0]; ++c) {
    for (std::int64_t i = 0; i < output[1]; ++i) {
      const std::int64_t top = i * window.stride[0] - window.padding[0];
      for (std::int64_t j = 0; j < output[2]; ++j, ++o) {
        const std::int64_t left = j * window.stride[1] - window.padding[1];
        visit(o);
        for (std::int64_t h = std::max<std::int64_t>(top, 0); h < std::min(top + kh, input[1]); ++h) {
          for (std::int64_t w = std::max<std::int64_t>(left, 0); w < std::min(left + kw, input[2]); ++w) {
            tap(o, (c * input[1] + h) * input[2] + w);
          }
        }
      }
    }
  }
}

}  // namespace pleat
