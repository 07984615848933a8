#include "runtime/graph/attributes.h"
#include "runtime/kernels/elementwise.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = e^X, as reference::exp.
class Exp final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "the input"));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return 0; }
  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      exponential(x.as<T>(), context.outputs[0].as<T>(), x.elements(), *context.pool);
    });
  }
};

Result<std::unique_ptr<Operator>> make_exp(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (opset < 6) reader.ignore("consumed_inputs");
  PLEAT_TRY(reader.finish());
  return std::make_unique<Exp>();
}

}  // namespace

void register_exp(OpRegistry& registry) { registry.add("Exp", make_exp); }

}  // namespace pleat
