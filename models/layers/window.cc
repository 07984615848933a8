#include "models/layers/window.h"

#include <fmt/format.h>

namespace pleat {

Result<Shape> Window2d::output_shape(const Shape& input, std::int64_t channels) const {
  if (input.rank() != 3) {
    return fail(Error::invalid("this layer takes images").expect("[C,H,W] per sample").saw(input.text()));
  }
  Shape output{channels, 0, 0};
  for (int axis = 0; axis < 2; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    if (kernel_size[a] < 1 || stride[a] < 1 || padding[a] < 0) {
      return fail(Error::invalid("a window needs kernel and stride of 1 or more and no negative padding"));
    }
    const std::int64_t room = input[axis + 1] + 2 * padding[a] - kernel_size[a];
    if (room < 0) {
      return fail(Error::invalid("the window is larger than the padded image")
                      .expect(fmt::format("{} or more along axis {}", kernel_size[a] - 2 * padding[a], axis + 1))
                      .saw(input.text()));
    }
    output[axis + 1] = room / stride[a] + 1;
  }
  return output;
}

std::string Window2d::describe() const {
  return fmt::format(R"("kernel_size":[{},{}],"stride":[{},{}],"padding":[{},{}])", kernel_size[0], kernel_size[1],
                     stride[0], stride[1], padding[0], padding[1]);
}

}  // namespace pleat
