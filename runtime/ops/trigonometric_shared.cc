#include "runtime/ops/trigonometric_shared.h"

#include "runtime/kernels/trigonometric.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"

namespace pleat {
namespace {

class TrigonometricOperator final : public Operator {
 public:
  explicit TrigonometricOperator(Trigonometric function) : function_(function) {}

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
      const auto f = function_ == Trigonometric::kSine ? &sine<T> : &cosine<T>;
      f(x.as<T>(), context.outputs[0].as<T>(), x.elements(), *context.pool);
    });
  }

 private:
  Trigonometric function_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_trigonometric(Trigonometric function, const Node& node) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<TrigonometricOperator>(function);
}

}  // namespace pleat
