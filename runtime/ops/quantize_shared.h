#pragma once

#include <algorithm>
#include <cstdint>

#include "runtime/ops/op.h"

namespace pleat {

/// Which scale (and zero point) belongs to which element: one for all, one per position along an axis, or one per block
/// of positions along it.
class ScaleGrid {
 public:
  /// `block` 0 is not blocked.
  static Result<ScaleGrid> resolve(const Shape& x, const Shape& scale, std::int64_t axis, std::int64_t block);

  /// Calls body(first element, first scale, count, step of the scale) for rows of elements.
  template <class Body>
  void for_each_row(ThreadPool& pool, const Body& body) const {
    constexpr std::int64_t kGrain = 16384;  // elements worth another thread
    if (alone_) {
      pool.parallel_for(inner_, kGrain, [&](std::int64_t begin, std::int64_t end) { body(begin, 0, end - begin, 0); });
      return;
    }
    pool.parallel_for(outer_ * length_, kGrain / std::max<std::int64_t>(1, inner_) + 1,
                      [&](std::int64_t begin, std::int64_t end) {
                        for (std::int64_t row = begin; row < end; ++row) {
                          const std::int64_t at = row % length_;
                          const std::int64_t block = (row / length_ * blocks_ + at / block_) * inner_;
                          body(row * inner_, blocked_ ? block : at, inner_, blocked_ ? 1 : 0);
                        }
                      });
  }

 private:
  bool alone_ = false, blocked_ = false;
  std::int64_t outer_ = 1, length_ = 1, inner_ = 1;  ///< around the axis
  std::int64_t block_ = 1, blocks_ = 1;              ///< positions in a block, blocks along the axis
};

/// The scale is float or double, and the zero point (input 2), if there is one, of its shape.
Status check_scale(std::span<const Fact> inputs);

/// Calls body with a zero of an integer type that elements are quantized to; false for other types.
template <class Body>
bool with_quantized(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::kInt8: return body(std::int8_t{}), true;
    case DType::kUint8: return body(std::uint8_t{}), true;
    case DType::kInt16: return body(std::int16_t{}), true;
    case DType::kUint16: return body(std::uint16_t{}), true;
    case DType::kInt32: return body(std::int32_t{}), true;
    default: return false;
  }
}

}  // namespace pleat
