#pragma once

#include <array>

#include "runtime/ops/axis_gather_shared.h"
#include "runtime/tensor/shape.h"

namespace pleat {

/// Six axes put in another order: the gather that makes `order` (positions in `sizes`) out of a row-major block.
inline AxisGather reordered(const std::array<std::int64_t, 6>& sizes, const std::array<int, 6>& order) {
  const auto strides = Shape({sizes.begin(), sizes.end()}).strides();
  std::vector<AxisGather::Table> tables;
  for (int axis : order) {
    const auto a = static_cast<std::size_t>(axis);
    tables.push_back(AxisGather::table(sizes[a], 0, strides[a]));
  }
  return AxisGather(std::move(tables));
}

/// The input [N,C,H,W] of DepthToSpace and SpaceToDepth.
inline Status expect_planes(const Shape& shape) {
  if (shape.rank() == 4) return {};
  return fail(Error::invalid("the input is not [N,C,H,W]").saw(shape.text()));
}

/// The attribute both of them need.
inline Status check_block_size(std::int64_t size) {
  constexpr std::int64_t kMost = 1 << 20;
  if (size >= 1 && size <= kMost) return {};
  return fail(Error::invalid("the attribute 'blocksize' is missing or out of range")
                  .expect("1 to " + std::to_string(kMost))
                  .saw(std::to_string(size)));
}

}  // namespace pleat
