#include "runtime/ops/unary_shared.h"

#include <algorithm>
#include <type_traits>

#include "runtime/kernels/blocked/pointwise.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/planes_shared.h"

namespace pleat {
namespace {

class UnaryOperator final : public PlanesFollower {
 public:
  explicit UnaryOperator(const Activation& f) : f_(f) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    is_float_ = inputs[0].dtype == DType::kFloat;
    const bool integers = f_.function == Unary::kAbs || f_.function == Unary::kSign;
    if (!integers || !is_integer(inputs[0].dtype)) PLEAT_TRY(expect_float(inputs[0], "the input"));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return 0; }
  std::optional<Activation> activation() const override { return is_float_ ? std::optional(f_) : std::nullopt; }

  void run(const RunContext& context) const noexcept override {
    if (planes_)
      return activate(*activation(), planes_->in, context.inputs[0].as<float>(), planes_->out,
                      context.outputs[0].as<float>(), *context.pool);
    const TensorView& x = context.inputs[0];
    const MutableTensorView& y = context.outputs[0];
    const bool done = with_integer(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      std::transform(x.as<T>(), x.as<T>() + x.elements(), y.as<T>(),
                     [this](T value) { return f_.function == Unary::kAbs ? absolute(value) : sign(value); });
    });
    if (done) return;
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      unary(f_.function, static_cast<T>(f_.a), static_cast<T>(f_.b), x.as<T>(), y.as<T>(), x.elements(), *context.pool);
    });
  }

 private:
  bool can_follow(std::span<const Fact>) const override { return activation().has_value(); }

  /// The lowest value stays.
  template <class T>
  static T absolute(T value) {
    using Bits = std::make_unsigned_t<T>;
    return value < T{0} ? static_cast<T>(Bits{0} - static_cast<Bits>(value)) : value;
  }
  template <class T>
  static T sign(T value) {
    return static_cast<T>((value > T{0}) - (value < T{0}));
  }

  Activation f_;
  bool is_float_ = false;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_unary(Unary function, AttributeReader& reader, std::int64_t opset, float a,
                                             float b) {
  if (opset < 6) reader.ignore("consumed_inputs");
  PLEAT_TRY(reader.finish());
  return make_unary({function, a, b});
}

std::unique_ptr<Operator> make_unary(const Activation& f) { return std::make_unique<UnaryOperator>(f); }

Result<std::unique_ptr<Operator>> make_unary(Unary function, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  return make_unary(function, reader, opset);
}

}  // namespace pleat
