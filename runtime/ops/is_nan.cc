#include <algorithm>
#include <cmath>

#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

class IsNan final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    PLEAT_TRY(expect_float(inputs[0], "X"));
    return std::vector<Fact>{{DType::kBool, inputs[0].shape, std::nullopt}};
  }
  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      std::transform(x.as<T>(), x.as<T>() + x.elements(), context.outputs[0].as<bool>(),
                     [](T value) { return std::isnan(value); });
    });
  }
};

Result<std::unique_ptr<Operator>> make_is_nan(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<IsNan>();
}

}  // namespace

void register_is_nan(OpRegistry& registry) { registry.add("IsNaN", make_is_nan); }

}  // namespace pleat
