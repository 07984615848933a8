#include "runtime/ops/quantize_shared.h"

#include "runtime/ops/float_shared.h"

namespace pleat {

Result<ScaleGrid> ScaleGrid::resolve(const Shape& x, const Shape& scale, std::int64_t axis, std::int64_t block) {
  ScaleGrid grid;
  if (block == 0 && scale.elements() == 1 && scale.rank() <= 1) {
    grid.alone_ = true;
    grid.inner_ = x.elements();
    return grid;
  }
  PLEAT_ASSIGN(const int at, normalize_axis(axis, x.rank()));
  grid.outer_ = x.elements(0, at);
  grid.length_ = x[at];
  grid.inner_ = x.elements(at + 1, x.rank());
  Shape expected{x[at]};
  if (block > 0) {
    grid.blocked_ = true;
    grid.block_ = block;
    grid.blocks_ = x[at] / block + (x[at] % block != 0 ? 1 : 0);
    expected = x;
    expected[at] = grid.blocks_;
  }
  if (scale != expected)
    return fail(Error::invalid("the scale does not fit the axis").expect(expected.text()).saw(scale.text()));
  return grid;
}

Status check_scale(std::span<const Fact> inputs) {
  PLEAT_TRY(expect_float(inputs[1], "the scale"));
  if (inputs.size() < 3 || !inputs[2].present() || inputs[2].shape == inputs[1].shape) return {};
  return fail(Error::invalid("the zero point is not of the shape of the scale")
                  .expect(inputs[1].shape.text())
                  .saw(inputs[2].shape.text()));
}

}  // namespace pleat
