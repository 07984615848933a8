#include "runtime/ops/tuple_index_shared.h"

#include "runtime/ops/index_shared.h"

namespace pleat {

Status TupleIndices::infer(const Fact& data, const Fact& indices, std::int64_t batch_axes) {
  const Shape& from = data.shape;
  const Shape& tuples = indices.shape;
  if (indices.dtype != DType::kInt64)
    return fail(Error::invalid("the indices are not int64").saw(std::string(dtype_name(indices.dtype))));
  if (tuples.rank() < 1 || batch_axes < 0 || batch_axes >= tuples.rank() || batch_axes > from.rank())
    return fail(Error::invalid("the indices hold no tuples").saw(tuples.text()));
  const auto batch = static_cast<int>(batch_axes);
  const std::int64_t length = tuples[tuples.rank() - 1];
  if (length < 0 || length > from.rank() - batch)
    return fail(Error::invalid("the tuples name more axes than there are")
                    .expect("at most " + std::to_string(from.rank() - batch))
                    .saw(std::to_string(length)));
  for (int i = 0; i < batch; ++i)
    if (tuples[i] != from[i])
      return fail(
          Error::invalid("data and indices differ in their batch axes").saw(from.text() + ", " + tuples.text()));
  const int last = batch + static_cast<int>(length);
  count_ = tuples.elements(0, tuples.rank() - 1);
  per_batch_ = tuples.elements(batch, tuples.rank() - 1);
  batch_step_ = from.elements(batch, from.rank());
  slice_ = from.elements(last, from.rank());
  sizes_.assign(from.begin() + batch, from.begin() + last);
  const std::vector<std::int64_t> strides = from.strides();
  strides_.assign(strides.begin() + batch, strides.begin() + last);
  std::vector<std::int64_t> dims(tuples.begin(), tuples.end() - 1);
  dims.insert(dims.end(), from.begin() + last, from.end());
  PLEAT_TRY(checked_elements(dims, size_of(data.dtype)));
  result_ = Shape(std::move(dims));
  if (!indices.constant) return {};
  for (std::int64_t i = 0; i < count_; ++i)
    if (offset(indices.constant->view(), i) < 0)
      return fail(Error::invalid("an index lies outside the data").saw("tuple " + std::to_string(i)));
  return {};
}

std::int64_t TupleIndices::offset(const TensorView& indices, std::int64_t i) const noexcept {
  const auto length = static_cast<std::int64_t>(sizes_.size());
  std::int64_t offset = i / per_batch_ * batch_step_;
  for (std::int64_t axis = 0; axis < length; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    const std::int64_t at = index_at(indices, i * length + axis, sizes_[a]);
    if (at < 0) return -1;
    offset += at * strides_[a];
  }
  return offset;
}

}  // namespace pleat
