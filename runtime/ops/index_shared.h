#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// int32 or int64, and inside [-size, size) where the elements are known when the model is planned.
Status expect_indices(const Fact& indices, std::int64_t size);

/// Element i of int32 or int64 indices, counted from the front; -1 where it is outside [-size, size).
inline std::int64_t index_at(const TensorView& indices, std::int64_t i, std::int64_t size) noexcept {
  const std::int64_t index =
      indices.dtype == DType::kInt32 ? indices.as<std::int32_t>()[i] : indices.as<std::int64_t>()[i];
  if (index < -size || index >= size) return -1;
  return index < 0 ? index + size : index;
}

}  // namespace pleat
