#include <algorithm>

#include "runtime/ops/axes_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The same elements with axes of size 1 put in, named by their places in the output. They are an attribute before
/// opset 13, then an input.
class Unsqueeze final : public Operator {
 public:
  Unsqueeze(ListParameter axes, std::size_t input_count) : axes_(std::move(axes)), input_count_(input_count) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, input_count_, input_count_));
    PLEAT_TRY(expect_movable(inputs[0]));
    PLEAT_ASSIGN(const auto given, axes_.resolve(inputs));
    const Shape& from = inputs[0].shape;
    const int rank = from.rank() + static_cast<int>(given->size());
    PLEAT_ASSIGN(const std::vector<int> axes, normalize_axes(*given, rank));
    std::vector<std::int64_t> dims;
    auto next = from.begin();
    for (int axis = 0; axis < rank; ++axis)
      dims.push_back(std::binary_search(axes.begin(), axes.end(), axis) ? 1 : *next++);
    return std::vector<Fact>{reshaped_fact(inputs[0], Shape(std::move(dims)))};
  }
  std::optional<int> view_of() const override { return 0; }
  void run(const RunContext& context) const noexcept override { copy_elements(context.inputs[0], context.outputs[0]); }

 private:
  ListParameter axes_;
  std::size_t input_count_;
};

Result<std::unique_ptr<Operator>> make_unsqueeze(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const bool by_input = opset >= 13;
  if (!by_input && !reader.has("axes")) return fail(Error::invalid("the attribute 'axes' is missing"));
  ListParameter axes = by_input ? ListParameter::input(1, "axes") : ListParameter::attribute(reader, "axes");
  PLEAT_TRY(reader.finish());
  return std::make_unique<Unsqueeze>(std::move(axes), by_input ? 2 : 1);
}

}  // namespace

void register_unsqueeze(OpRegistry& registry) { registry.add("Unsqueeze", make_unsqueeze); }

}  // namespace pleat
