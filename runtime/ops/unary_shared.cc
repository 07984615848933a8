#include "runtime/ops/unary_shared.h"

#include <algorithm>
#include <type_traits>

#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"

namespace pleat {
namespace {

class UnaryOperator final : public Operator {
 public:
  UnaryOperator(Unary function, float a, float b) : function_(function), a_(a), b_(b) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    const bool integers = function_ == Unary::kAbs || function_ == Unary::kSign;
    if (!integers || !is_integer(inputs[0].dtype)) PLEAT_TRY(expect_float(inputs[0], "the input"));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return 0; }

  void run(const RunContext& context) const noexcept override {
    const TensorView& x = context.inputs[0];
    const MutableTensorView& y = context.outputs[0];
    const bool done = with_integer(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      std::transform(x.as<T>(), x.as<T>() + x.elements(), y.as<T>(),
                     [this](T value) { return function_ == Unary::kAbs ? absolute(value) : sign(value); });
    });
    if (done) return;
    with_float(x.dtype, [&](auto zero) {
      using T = decltype(zero);
      unary(function_, static_cast<T>(a_), static_cast<T>(b_), x.as<T>(), y.as<T>(), x.elements(), *context.pool);
    });
  }

 private:
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

  Unary function_;
  float a_, b_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_unary(Unary function, AttributeReader& reader, std::int64_t opset, float a,
                                             float b) {
  if (opset < 6) reader.ignore("consumed_inputs");
  PLEAT_TRY(reader.finish());
  return std::make_unique<UnaryOperator>(function, a, b);
}

Result<std::unique_ptr<Operator>> make_unary(Unary function, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  return make_unary(function, reader, opset);
}

}  // namespace pleat
