#include "runtime/ops/cast_shared.h"

#include "runtime/kernels/cast.h"

namespace pleat {

Status expect_castable(DType from, DType to) {
  for (DType dtype : {from, to})
    if (!is_castable(dtype))
      return fail(Error::unsupported("no cast from or to this element type")
                      .saw(dtype_name(dtype) == "unknown" ? "type " + std::to_string(static_cast<int>(dtype))
                                                          : std::string(dtype_name(dtype))));
  return {};
}

void run_cast(const RunContext& context) noexcept {
  const TensorView& x = context.inputs[0];
  const MutableTensorView& y = context.outputs[0];
  cast_elements(x.dtype, x.data, y.dtype, y.data, y.elements(), *context.pool);
}

}  // namespace pleat
