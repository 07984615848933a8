#include <algorithm>
#include <cmath>

#include "runtime/graph/attributes.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

class IsInf final : public Operator {
 public:
  IsInf(bool positive, bool negative) : positive_(positive), negative_(negative) {}

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
                     [this](T value) { return std::isinf(value) && (value > 0 ? positive_ : negative_); });
    });
  }

 private:
  bool positive_, negative_;
};

Result<std::unique_ptr<Operator>> make_is_inf(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const bool positive = reader.integer("detect_positive", 1) != 0;
  const bool negative = reader.integer("detect_negative", 1) != 0;
  PLEAT_TRY(reader.finish());
  return std::make_unique<IsInf>(positive, negative);
}

}  // namespace

void register_is_inf(OpRegistry& registry) { registry.add("IsInf", make_is_inf); }

}  // namespace pleat
