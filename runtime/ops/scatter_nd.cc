#include "runtime/ops/index_shared.h"
#include "runtime/ops/registry.h"
#include "runtime/ops/scatter_shared.h"
#include "runtime/ops/tuple_index_shared.h"

namespace pleat {
namespace {

/// A copy of the data in which each slice of updates has fallen on the slice that its tuple of indices names, in order.
/// A tuple computed in the run that lies outside is left out.
class ScatterND final : public Operator {
 public:
  explicit ScatterND(ScatterReduction reduction) : reduction_(reduction) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 3, 3));
    PLEAT_TRY(expect_reducible(inputs[0], reduction_));
    PLEAT_TRY(tuples_.infer(inputs[0], inputs[1], 0));
    if (inputs[2].dtype != inputs[0].dtype || inputs[2].shape != tuples_.result())
      return fail(Error::invalid("the updates do not fit the indices and the data")
                      .expect(std::string(dtype_name(inputs[0].dtype)) + tuples_.result().text())
                      .saw(std::string(dtype_name(inputs[2].dtype)) + inputs[2].shape.text()));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
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
    const auto* update = static_cast<const T*>(context.inputs[2].data);
    auto* out = static_cast<T*>(context.outputs[0].data);
    for (std::int64_t i = 0; i < tuples_.count(); ++i, update += tuples_.slice()) {
      const std::int64_t offset = tuples_.offset(context.inputs[1], i);
      for (std::int64_t j = 0; offset >= 0 && j < tuples_.slice(); ++j) out[offset + j] = f(out[offset + j], update[j]);
    }
  }

  ScatterReduction reduction_;
  TupleIndices tuples_;
};

Result<std::unique_ptr<Operator>> make_scatter_nd(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  PLEAT_ASSIGN(const ScatterReduction reduction, read_reduction(reader, opset));
  PLEAT_TRY(reader.finish());
  return std::make_unique<ScatterND>(reduction);
}

}  // namespace

void register_scatter_nd(OpRegistry& registry) { registry.add("ScatterND", make_scatter_nd); }

}  // namespace pleat
