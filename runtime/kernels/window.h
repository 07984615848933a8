#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "runtime/kernels/interval.h"

namespace pleat {

/// A kernel sliding over one plane of up to three spatial axes, slowest first. Fewer axes are led by axes of size 1.
struct Window {
  static constexpr int kAxes = 3;
  using Sizes = std::array<std::int64_t, kAxes>;

  Sizes in = {1, 1, 1};
  Sizes out = {1, 1, 1};
  Sizes kernel = {1, 1, 1};
  Sizes stride = {1, 1, 1};
  Sizes dilation = {1, 1, 1};
  Sizes pad_begin = {0, 0, 0};
  Sizes pad_end = {0, 0, 0};

  static std::int64_t product(const Sizes& sizes) { return sizes[0] * sizes[1] * sizes[2]; }
  std::int64_t in_elements() const { return product(in); }
  std::int64_t out_elements() const { return product(out); }
  std::int64_t taps() const { return product(kernel); }

  /// Coordinates of the `flat`-th element of a block of `sizes`.
  static Sizes unravel(std::int64_t flat, const Sizes& sizes) {
    return {flat / (sizes[1] * sizes[2]), flat / sizes[2] % sizes[1], flat % sizes[2]};
  }

  /// Where tap `tap` of output position `position` reads along `axis`; outside [0, in) it reads padding.
  std::int64_t source(int axis, std::int64_t position, std::int64_t tap) const {
    const auto a = static_cast<std::size_t>(axis);
    return position * stride[a] - pad_begin[a] + tap * dilation[a];
  }

  /// The taps along `axis` that read the input and not padding.
  Interval taps_inside(int axis, std::int64_t position) const {
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t origin = position * stride[a] - pad_begin[a];
    const std::int64_t begin = origin >= 0 ? 0 : (-origin + dilation[a] - 1) / dilation[a];
    const std::int64_t end = in[a] <= origin ? 0 : (in[a] - origin + dilation[a] - 1) / dilation[a];
    return {std::min(begin, kernel[a]), std::min(end, kernel[a])};
  }

  /// Taps along `axis`, those in explicit padding included, those beyond it not.
  std::int64_t padded_taps(int axis, std::int64_t position) const {
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t room = in[a] + pad_end[a] - source(axis, position, 0);
    return std::min(kernel[a], (room + dilation[a] - 1) / dilation[a]);
  }

  /// The output positions along `axis` whose taps all read the input.
  Interval whole_outputs(int axis) const {
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t begin = std::min(out[a], (pad_begin[a] + stride[a] - 1) / stride[a]);
    const std::int64_t room = in[a] + pad_begin[a] - (kernel[a] - 1) * dilation[a];
    const std::int64_t end = room <= 0 ? 0 : (room - 1) / stride[a] + 1;
    return {begin, std::clamp(end, begin, out[a])};
  }
};

}  // namespace pleat
