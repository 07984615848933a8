#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "runtime/base/result.h"
#include "runtime/tensor/shape.h"

namespace pleat {

using Pair = std::array<std::int64_t, 2>;  ///< along height, along width

/// The window a convolution or a pool slides over a padded image.
struct Window2d {
  Pair kernel_size = {1, 1};
  Pair stride = {1, 1};
  Pair padding = {0, 0};

  /// [C,H,W] → [channels, (H + 2*padding - kernel)/stride + 1, likewise W].
  Result<Shape> output_shape(const Shape& input, std::int64_t channels) const;

  /// The members as they stand in the architecture JSON.
  std::string describe() const;
};

}  // namespace pleat
