#pragma once

#include "tests/support/oracle/operators.h"

namespace pleat {

/// A sliding window over the spatial axes of [N, C, …], its attributes resolved.
struct OracleWindow {
  std::vector<std::int64_t> kernel, stride, dilation, begin, end, out;
  bool ceil = false;

  std::int64_t extent(std::size_t axis) const { return (kernel[axis] - 1) * dilation[axis] + 1; }
  std::int64_t position(std::size_t axis, std::int64_t index, std::int64_t tap) const {
    return index * stride[axis] - begin[axis] + tap * dilation[axis];
  }
  std::int64_t output(std::size_t axis, std::int64_t size) const;
};

OracleWindow window_of(const OracleCall& call, const std::vector<std::int64_t>& x, std::vector<std::int64_t> kernel);
/// The same for ConvTranspose; `out` holds the output's spatial sizes.
OracleWindow transposed_window_of(const OracleCall& call, const std::vector<std::int64_t>& x,
                                  std::vector<std::int64_t> kernel);

}  // namespace pleat
