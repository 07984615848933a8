#include "models/layers/pooling.h"

namespace pleat {

Result<Shape> pooled_shape(const Window2d& window, const Shape& input) {
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (2 * window.padding[axis] > window.kernel_size[axis]) {
      return fail(Error::invalid("the padding of a pool is at most half its kernel"));
    }
  }
  return window.output_shape(input, input.rank() == 3 ? input[0] : 0);
}

}  // namespace pleat
