#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Two axes: the product of the sizes before `axis`, and of those from it on.
class Flatten final : public Operator {
 public:
  explicit Flatten(std::int64_t axis) : axis_(axis) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& shape = inputs[0].shape;
    const int rank = shape.rank();
    if (axis_ < -rank || axis_ > rank)
      return fail(Error::invalid("axis out of range")
                      .expect("between " + std::to_string(-rank) + " and " + std::to_string(rank))
                      .saw(std::to_string(axis_)));
    const int axis = static_cast<int>(axis_ < 0 ? axis_ + rank : axis_);
    return std::vector<Fact>{reshaped_fact(inputs[0], {shape.elements(0, axis), shape.elements(axis, rank)})};
  }
  std::optional<int> view_of() const override { return 0; }
  void run(const RunContext& context) const noexcept override { copy_elements(context.inputs[0], context.outputs[0]); }

 private:
  std::int64_t axis_;
};

Result<std::unique_ptr<Operator>> make_flatten(const Node& node, std::int64_t opset) {
  AttributeReader attributes(node);
  const std::int64_t axis = attributes.integer("axis", 1);
  PLEAT_TRY(attributes.finish());
  if (axis < 0 && opset < 11)
    return fail(Error::invalid("a negative axis needs opset 11").saw("opset " + std::to_string(opset)));
  return std::make_unique<Flatten>(axis);
}

}  // namespace

void register_flatten(OpRegistry& registry) { registry.add("Flatten", make_flatten); }

}  // namespace pleat
