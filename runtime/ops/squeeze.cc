#include <algorithm>

#include "runtime/ops/axes_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The same elements without the named axes of size 1, or without all of them where none is named. The axes are an
/// attribute before opset 13, then an input.
class Squeeze final : public Operator {
 public:
  Squeeze(ListParameter axes, std::size_t most_inputs) : axes_(std::move(axes)), most_inputs_(most_inputs) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, most_inputs_));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& from = inputs[0].shape;
    PLEAT_ASSIGN(const auto given, axes_.resolve(inputs));
    std::vector<int> axes;
    if (given) {
      PLEAT_ASSIGN(axes, normalize_axes(*given, from.rank()));
    } else {
      for (int axis = 0; axis < from.rank(); ++axis)
        if (from[axis] == 1) axes.push_back(axis);
    }
    std::vector<std::int64_t> dims;
    for (int axis = 0; axis < from.rank(); ++axis) {
      const bool named = std::binary_search(axes.begin(), axes.end(), axis);
      if (!named) dims.push_back(from[axis]);
      if (named && from[axis] != 1)
        return fail(Error::invalid("only an axis of size 1 can be squeezed")
                        .saw("axis " + std::to_string(axis) + " of " + from.text()));
    }
    return std::vector<Fact>{reshaped_fact(inputs[0], Shape(std::move(dims)))};
  }
  std::optional<int> view_of() const override { return 0; }
  void run(const RunContext& context) const noexcept override { copy_elements(context.inputs[0], context.outputs[0]); }

 private:
  ListParameter axes_;
  std::size_t most_inputs_;
};

Result<std::unique_ptr<Operator>> make_squeeze(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const bool by_input = opset >= 13;
  ListParameter axes = by_input ? ListParameter::input(1, "axes") : ListParameter::attribute(reader, "axes");
  PLEAT_TRY(reader.finish());
  return std::make_unique<Squeeze>(std::move(axes), by_input ? 2 : 1);
}

}  // namespace

void register_squeeze(OpRegistry& registry) { registry.add("Squeeze", make_squeeze); }

}  // namespace pleat
