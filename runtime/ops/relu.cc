#include <algorithm>

#include "runtime/graph/attributes.h"
#include "runtime/kernels/blocked/pointwise.h"
#include "runtime/kernels/unary.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/planes_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Y = X < 0 ? 0 : X, so NaN and -0 stay. Signed integers from opset 14.
class Relu final : public PlanesFollower {
 public:
  explicit Relu(bool integers) : integers_(integers) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    is_float_ = inputs[0].dtype == DType::kFloat;
    if (!integers_ || !with_integer(inputs[0].dtype, [](auto) {})) PLEAT_TRY(expect_float(inputs[0], "X"));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return 0; }
  std::optional<Activation> activation() const override {
    return is_float_ ? std::optional(Activation{Unary::kRelu}) : std::nullopt;
  }
  void run(const RunContext& context) const noexcept override {
    if (planes_)
      return activate(*activation(), planes_->in, context.inputs[0].as<float>(), planes_->out,
                      context.outputs[0].as<float>(), *context.pool);
    const TensorView& x = context.inputs[0];
    const MutableTensorView& y = context.outputs[0];
    const bool done = with_integer(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      std::transform(x.as<T>(), x.as<T>() + x.elements(), y.as<T>(), [](T value) { return std::max(value, T{0}); });
    });
    if (done) return;
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      unary(Unary::kRelu, T{0}, T{0}, x.as<T>(), y.as<T>(), x.elements(), *context.pool);
    });
  }

 private:
  bool can_follow(std::span<const Fact>) const override { return activation().has_value(); }

  /// Calls body with a zero of the signed integer type; false for other types.
  template <class Body>
  static bool with_integer(DType dtype, Body body) {
    switch (dtype) {
      case DType::kInt8: return body(std::int8_t{}), true;
      case DType::kInt16: return body(std::int16_t{}), true;
      case DType::kInt32: return body(std::int32_t{}), true;
      case DType::kInt64: return body(std::int64_t{}), true;
      default: return false;
    }
  }

  bool integers_;
  bool is_float_ = false;
};

Result<std::unique_ptr<Operator>> make_relu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (opset < 6) reader.ignore("consumed_inputs");
  PLEAT_TRY(reader.finish());
  return std::make_unique<Relu>(opset >= 14);
}

}  // namespace

void register_relu(OpRegistry& registry) { registry.add("Relu", make_relu); }

}  // namespace pleat
