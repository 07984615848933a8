#include "runtime/ops/index_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/scatter_shared.h"

namespace pleat {
namespace {

/// A copy of the data in which each update has fallen on the element at its own position but for the axis, where the
/// index says which; updates in row-major order. One whose index, computed in the run, lies outside is left out.
/// Also known as Scatter, before opset 11.
class ScatterElements final : public Operator {
 public:
  ScatterElements(std::int64_t axis, ScatterReduction reduction) : given_axis_(axis), reduction_(reduction) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 3, 3));
    PLEAT_TRY(expect_reducible(inputs[0], reduction_));
    const Shape& data = inputs[0].shape;
    const Shape& indices = inputs[1].shape;
    PLEAT_ASSIGN(axis_, normalize_axis(given_axis_, data.rank()));
    if (inputs[2].dtype != inputs[0].dtype || inputs[2].shape != indices)
      return fail(Error::invalid("the updates do not fit the indices and the data")
                      .expect(std::string(dtype_name(inputs[0].dtype)) + indices.text())
                      .saw(std::string(dtype_name(inputs[2].dtype)) + inputs[2].shape.text()));
    bool fits = data.rank() == indices.rank();
    for (int i = 0; fits && i < data.rank(); ++i) fits = i == axis_ || indices[i] <= data[i];
    if (!fits)
      return fail(Error::invalid("the indices do not fit the data")
                      .expect("at most " + data.text() + " but for axis " + std::to_string(axis_))
                      .saw(indices.text()));
    PLEAT_TRY(expect_indices(inputs[1], data[axis_]));
    strides_ = data.strides();
    return std::vector<Fact>{{inputs[0].dtype, data, std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return 0; }

  void run(const RunContext& context) const noexcept override {
    copy_elements(context.inputs[0], context.outputs[0]);
    const DType dtype = context.outputs[0].dtype;
    if (reduction_ != ScatterReduction::kNone) {
      with_number(dtype, [&](auto zero) {
        scatter<decltype(zero)>(context,
                                [this](auto held, auto update) { return apply_update(reduction_, held, update); });
      });
    } else {
      with_block(size_of(dtype),
                 [&](auto block) { scatter<decltype(block)>(context, [](auto, auto update) { return update; }); });
    }
  }

 private:
  template <class T, class F>
  void scatter(const RunContext& context, F f) const {
    const TensorView& indices = context.inputs[1];
    const auto* updates = static_cast<const T*>(context.inputs[2].data);
    auto* out = static_cast<T*>(context.outputs[0].data);
    const Shape& data = *context.outputs[0].shape;
    for (std::int64_t i = 0; i < indices.elements(); ++i) {
      const std::int64_t along_axis = index_at(indices, i, data[axis_]);
      if (along_axis < 0) continue;
      T& held = out[target(*indices.shape, i, along_axis)];
      held = f(held, updates[i]);
    }
  }

  std::int64_t target(const Shape& shape, std::int64_t flat, std::int64_t along_axis) const {
    std::int64_t offset = 0;
    for (int i = shape.rank(); i-- > 0; flat /= shape[i])
      offset += (i == axis_ ? along_axis : flat % shape[i]) * strides_[static_cast<std::size_t>(i)];
    return offset;
  }

  std::int64_t given_axis_;
  int axis_ = 0;
  ScatterReduction reduction_;
  std::vector<std::int64_t> strides_;
};

Result<std::unique_ptr<Operator>> make_scatter_elements(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const std::int64_t axis = reader.integer("axis", 0);
  PLEAT_ASSIGN(const ScatterReduction reduction, read_reduction(reader, opset));
  PLEAT_TRY(reader.finish());
  return std::make_unique<ScatterElements>(axis, reduction);
}

}  // namespace

void register_scatter_elements(OpRegistry& registry) {
  registry.add("ScatterElements", make_scatter_elements);
  registry.add("Scatter", make_scatter_elements);
}

}  // namespace pleat
