#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/window.h"

namespace pleat {

/// The attributes by which Conv and the pools slide their kernel. Lists that were not given are empty.
struct WindowAttributes {
  std::string auto_pad;
  std::vector<std::int64_t> kernel_shape, strides, pads, dilations;
  bool ceil_mode = false;

  /// Reads all but dilations and ceil_mode, which not every opset has.
  static WindowAttributes read(AttributeReader& attributes);

  /// What can be said before any shape is known: names and signs.
  Status check() const;

  /// The window over spatial sizes `in` with `kernel` sizes: ONNX's output sizes, padding resolved. At most three axes.
  /// With ceil_mode a last window that would start in the padding at the end is left out.
  Result<Window> resolve(std::span<const std::int64_t> in, std::span<const std::int64_t> kernel) const;
};

/// A list attribute that was given has `length` values.
Status check_length(const char* name, const std::vector<std::int64_t>& list, std::size_t length);

/// The first two sizes of `shape` followed by the output sizes of its spatial axes.
Shape windowed_shape(const Shape& shape, std::int64_t channels, const Window& window);

/// An input of rank at least 3: batch, channels and one spatial axis.
Status expect_spatial(const Shape& shape);

}  // namespace pleat
