#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The attribute's one value (float 0 where it is absent) all over the shape of input 0.
class ConstantOfShape final : public Operator {
 public:
  explicit ConstantOfShape(Tensor value) : value_(std::move(value)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_ASSIGN(std::vector<std::int64_t> dims, constant_integers(inputs[0], "shape"));
    PLEAT_TRY(checked_elements(dims, size_of(value_.dtype())));
    return std::vector<Fact>{{value_.dtype(), Shape(std::move(dims)), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    with_block(size_of(value_.dtype()), [&](auto block) {
      using Block = decltype(block);
      auto* out = static_cast<Block*>(context.outputs[0].data);
      std::fill(out, out + context.outputs[0].elements(), *static_cast<const Block*>(value_.view().data));
    });
  }

 private:
  Tensor value_;
};

Result<std::unique_ptr<Operator>> make_constant_of_shape(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  Tensor value = reader.has("value") ? reader.tensor("value") : Tensor::of<float>({1}, {0});
  PLEAT_TRY(reader.finish());
  if (value.elements() != 1)
    return fail(Error::invalid("the attribute 'value' must hold one element").saw(value.shape().text()));
  if (size_of(value.dtype()) == 0) return fail(Error::unsupported("constants of this element type do not run"));
  return std::make_unique<ConstantOfShape>(std::move(value));
}

}  // namespace

void register_constant_of_shape(OpRegistry& registry) { registry.add("ConstantOfShape", make_constant_of_shape); }

}  // namespace pleat
