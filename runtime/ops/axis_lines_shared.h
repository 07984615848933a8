#pragma once

#include "runtime/tensor/shape.h"

namespace pleat {

/// A tensor as lines along an axis, or along the neighbouring axes [axis, last) taken as one. Elements of a line lie
/// `inner` apart.
struct AxisLines {
  std::int64_t outer = 0, length = 0, inner = 1;

  AxisLines() = default;
  AxisLines(const Shape& shape, int axis, int last)
      : outer(shape.elements(0, axis)), length(shape.elements(axis, last)), inner(shape.elements(last, shape.rank())) {}
  AxisLines(const Shape& shape, int axis) : AxisLines(shape, axis, axis + 1) {}

  std::int64_t count() const { return outer * inner; }
  /// Where the line starts.
  std::int64_t first(std::int64_t line) const { return line / inner * length * inner + line % inner; }
};

}  // namespace pleat
