#pragma once

#include <optional>
#include <vector>

#include "runtime/ops/op.h"
#include "runtime/ops/resize_axis_shared.h"

namespace pleat {

/// What Resize and Upsample are told by attributes, and where their inputs stand.
struct ResizeForm {
  enum class Policy { kStretch, kNotLarger, kNotSmaller };

  ResizeFilter filter;
  bool legacy_nearest = false;  ///< before opset 11: floor where an axis grows, ceil where it shrinks
  double extrapolation_value = 0;
  Policy policy = Policy::kStretch;
  std::optional<std::vector<std::int64_t>> axes;  ///< that roi, scales and sizes are about; all if absent
  std::optional<std::vector<float>> scales;       ///< where they are attributes
  std::optional<std::size_t> roi_input, scales_input, sizes_input;
};

/// Each output is the weighted sum of the inputs around the place it comes from: along the last axis first, then along
/// the one before. Nearest moves elements of any type; linear and cubic are for float and double.
std::unique_ptr<Operator> make_resize_operator(ResizeForm form);

}  // namespace pleat
