#include "runtime/graph/attributes.h"
#include "runtime/ops/index_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Of the shape of the indices; each output element is the data's element at the same position but for the axis, where
/// the index says which. An index computed in the run that lies outside gives 0.
class GatherElements final : public Operator {
 public:
  explicit GatherElements(std::int64_t axis) : given_axis_(axis) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    PLEAT_TRY(expect_movable(inputs[0]));
    const Shape& data = inputs[0].shape;
    const Shape& indices = inputs[1].shape;
    PLEAT_ASSIGN(axis_, normalize_axis(given_axis_, data.rank()));
    bool fits = data.rank() == indices.rank();
    for (int i = 0; fits && i < data.rank(); ++i) fits = i == axis_ || indices[i] <= data[i];
    if (!fits)
      return fail(Error::invalid("the indices do not fit the data")
                      .expect("at most " + data.text() + " but for axis " + std::to_string(axis_))
                      .saw(indices.text()));
    PLEAT_TRY(expect_indices(inputs[1], data[axis_]));
    PLEAT_TRY(checked_elements(indices.dims(), size_of(inputs[0].dtype)));
    strides_ = data.strides();
    return std::vector<Fact>{{inputs[0].dtype, indices, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    const TensorView& indices = context.inputs[1];
    const std::int64_t size = (*context.inputs[0].shape)[axis_];
    with_block(size_of(context.inputs[0].dtype), [&](auto block) {
      using Block = decltype(block);
      const auto* data = static_cast<const Block*>(context.inputs[0].data);
      auto* out = static_cast<Block*>(context.outputs[0].data);
      for (std::int64_t i = 0; i < indices.elements(); ++i) {
        const std::int64_t at = index_at(indices, i, size);
        out[i] = at < 0 ? Block{} : data[source(*indices.shape, i, at)];
      }
    });
  }

 private:
  std::int64_t source(const Shape& shape, std::int64_t flat, std::int64_t along_axis) const {
    std::int64_t offset = 0;
    for (int i = shape.rank(); i-- > 0; flat /= shape[i])
      offset += (i == axis_ ? along_axis : flat % shape[i]) * strides_[static_cast<std::size_t>(i)];
    return offset;
  }

  std::int64_t given_axis_;
  int axis_ = 0;
  std::vector<std::int64_t> strides_;
};

Result<std::unique_ptr<Operator>> make_gather_elements(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const std::int64_t axis = reader.integer("axis", 0);
  PLEAT_TRY(reader.finish());
  return std::make_unique<GatherElements>(axis);
}

}  // namespace

void register_gather_elements(OpRegistry& registry) { registry.add("GatherElements", make_gather_elements); }

}  // namespace pleat
