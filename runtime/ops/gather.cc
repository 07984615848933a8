#include <cstring>

#include "runtime/graph/attributes.h"
#include "runtime/ops/axis_lines_shared.h"
#include "runtime/ops/index_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The slices of the data along an axis that the indices name. An index computed in the run that lies outside gives
/// zeros.
class Gather final : public Operator {
 public:
  explicit Gather(std::int64_t axis) : axis_(axis) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& data = inputs[0].shape;
    const Shape& indices = inputs[1].shape;
    PLEAT_ASSIGN(const int axis, normalize_axis(axis_, data.rank()));
    PLEAT_TRY(expect_indices(inputs[1], data[axis]));
    lines_ = AxisLines(data, axis);
    std::vector<std::int64_t> dims(data.begin(), data.begin() + axis);
    dims.insert(dims.end(), indices.begin(), indices.end());
    dims.insert(dims.end(), data.begin() + axis + 1, data.end());
    PLEAT_TRY(checked_elements(dims, size_of(inputs[0].dtype)));
    return std::vector<Fact>{{inputs[0].dtype, Shape(std::move(dims)), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    const TensorView& indices = context.inputs[1];
    const std::size_t slice = static_cast<std::size_t>(lines_.inner) * size_of(context.inputs[0].dtype);
    const auto* data = static_cast<const std::byte*>(context.inputs[0].data);
    auto* out = static_cast<std::byte*>(context.outputs[0].data);
    if (slice == 0) return;
    for (std::int64_t outer = 0; outer < lines_.outer; ++outer)
      for (std::int64_t i = 0; i < indices.elements(); ++i, out += slice) {
        const std::int64_t at = index_at(indices, i, lines_.length);
        if (at < 0)
          std::memset(out, 0, slice);
        else
          std::memcpy(out, data + static_cast<std::size_t>(outer * lines_.length + at) * slice, slice);
      }
  }

 private:
  std::int64_t axis_;
  AxisLines lines_;
};

Result<std::unique_ptr<Operator>> make_gather(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const std::int64_t axis = reader.integer("axis", 0);
  PLEAT_TRY(reader.finish());
  return std::make_unique<Gather>(axis);
}

}  // namespace

void register_gather(OpRegistry& registry) { registry.add("Gather", make_gather); }

}  // namespace pleat
