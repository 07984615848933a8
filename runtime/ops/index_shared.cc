#include "runtime/ops/index_shared.h"

namespace pleat {

Status expect_indices(const Fact& indices, std::int64_t size) {
  if (indices.dtype != DType::kInt32 && indices.dtype != DType::kInt64)
    return fail(Error::invalid("the indices are not of an index type")
                    .expect("int32 or int64")
                    .saw(std::string(dtype_name(indices.dtype))));
  if (!indices.constant) return {};
  const TensorView view = indices.constant->view();
  for (std::int64_t i = 0; i < view.elements(); ++i)
    if (index_at(view, i, size) < 0)
      return fail(Error::invalid("an index lies outside the axis")
                      .expect(std::to_string(-size) + " to " + std::to_string(size - 1))
                      .saw("element " + std::to_string(i) + " of the indices"));
  return {};
}

}  // namespace pleat
