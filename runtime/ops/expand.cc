#include "runtime/ops/axis_gather_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// X broadcast together with the shape of input 1.
class Expand final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    PLEAT_ASSIGN(auto target, constant_integers(inputs[1], "shape"));
    PLEAT_TRY(checked_elements(target, 1));
    PLEAT_ASSIGN(Shape out, broadcast(from, Shape(std::move(target))));
    PLEAT_TRY(checked_elements(out.dims(), size_of(inputs[0].dtype)));
    const auto strides = from.strides();
    const int missing = out.rank() - from.rank();
    std::vector<AxisGather::Table> tables;
    for (int axis = 0; axis < out.rank(); ++axis) {
      PLEAT_TRY(AxisGather::check_length(out[axis]));
      const bool repeats = axis < missing || from[axis - missing] == 1;
      tables.push_back(
          AxisGather::table(out[axis], 0, repeats ? 0 : strides[static_cast<std::size_t>(axis - missing)]));
    }
    is_view_ = out.elements() == from.elements();
    gather_ = AxisGather(std::move(tables));
    return std::vector<Fact>{is_view_ ? reshaped_fact(inputs[0], std::move(out))
                                      : Fact{inputs[0].dtype, std::move(out), std::nullopt}};
  }
  std::optional<int> view_of() const override { return is_view_ ? std::optional<int>(0) : std::nullopt; }

  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    gather_.run(x.data, nullptr, context.outputs[0].data, size_of(x.dtype), *context.pool);
  }

 private:
  AxisGather gather_;
  bool is_view_ = false;
};

Result<std::unique_ptr<Operator>> make_expand(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<Expand>();
}

}  // namespace

void register_expand(OpRegistry& registry) { registry.add("Expand", make_expand); }

}  // namespace pleat
