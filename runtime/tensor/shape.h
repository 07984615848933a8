#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "runtime/base/result.h"

namespace pleat {

/// Sizes of a row-major block, outermost first. Every size is known and not negative; rank 0 is a scalar.
class Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> dims) : dims_(dims) {}
  explicit Shape(std::vector<std::int64_t> dims) : dims_(std::move(dims)) {}

  int rank() const { return static_cast<int>(dims_.size()); }
  std::int64_t operator[](int axis) const { return dims_[static_cast<std::size_t>(axis)]; }
  std::int64_t& operator[](int axis) { return dims_[static_cast<std::size_t>(axis)]; }
  const std::vector<std::int64_t>& dims() const { return dims_; }
  auto begin() const { return dims_.begin(); }
  auto end() const { return dims_.end(); }

  /// Product of all sizes; of those in [first, last) for the other form.
  std::int64_t elements() const { return elements(0, rank()); }
  std::int64_t elements(int first, int last) const;

  /// Elements between neighbours along each axis.
  std::vector<std::int64_t> strides() const;

  std::string text() const;  ///< "[1,6,24,24]"

  friend bool operator==(const Shape&, const Shape&) = default;

 private:
  std::vector<std::int64_t> dims_;
};

/// Element count of `dims`, or an error where a size is negative or the byte count would not fit 63 bits.
Result<std::int64_t> checked_elements(std::span<const std::int64_t> dims, std::size_t element_size);

/// ONNX's (NumPy's) multidirectional broadcasting of two shapes.
Result<Shape> broadcast(const Shape& a, const Shape& b);

/// `axis` in [-rank, rank) counted from the front, or an error.
Result<int> normalize_axis(std::int64_t axis, int rank);

}  // namespace pleat
