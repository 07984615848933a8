#pragma once

#include "runtime/ops/op.h"

namespace pleat {

/// Indices whose last axis holds tuples, each naming a slice of the data, as in GatherND and ScatterND.
class TupleIndices {
 public:
  /// The first `batch_axes` axes of both are walked together. Known indices must lie inside the data.
  Status infer(const Fact& data, const Fact& indices, std::int64_t batch_axes);

  /// Shape of all named slices together.
  const Shape& result() const { return result_; }
  std::int64_t count() const { return count_; }
  std::int64_t slice() const { return slice_; }

  /// Where the i-th slice starts in the data; -1 where the tuple lies outside.
  std::int64_t offset(const TensorView& indices, std::int64_t i) const noexcept;

 private:
  std::int64_t count_ = 0;      ///< of tuples
  std::int64_t per_batch_ = 1;  ///< tuples of one batch
  std::int64_t batch_step_ = 0;
  std::int64_t slice_ = 1;                     ///< elements
  std::vector<std::int64_t> sizes_, strides_;  ///< of the axes that a tuple names
  Shape result_;
};

}  // namespace pleat
