#include "runtime/ops/normalized_shared.h"

namespace pleat {

Status expect_shape_of_axes(const Fact& parameter, std::string_view name, const Shape& axes) {
  if (parameter.shape == axes) return {};
  const auto joined = broadcast(parameter.shape, axes);
  const std::string quoted = "'" + std::string(name) + "'";
  Error error = joined && *joined == axes ? Error::unsupported(quoted + " broadcasts over the normalized axes")
                                          : Error::invalid(quoted + " does not fit the normalized axes");
  return fail(std::move(error).expect(axes.text()).saw(parameter.shape.text()));
}

}  // namespace pleat
