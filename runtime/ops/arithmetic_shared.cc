#include "runtime/ops/arithmetic_shared.h"

#include <type_traits>

#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/pair_shared.h"

namespace pleat {
namespace {

template <BinaryFunction kind, class T>
T compute(T a, T b) {
  if constexpr (kind == BinaryFunction::kMul) return wrapping_product(a, b);
  if constexpr (std::is_integral_v<T>) {
    using Bits = std::make_unsigned_t<T>;
    using Wide = std::common_type_t<unsigned, Bits>;
    const Wide x = static_cast<Bits>(a), y = static_cast<Bits>(b);
    if constexpr (kind == BinaryFunction::kAdd) return static_cast<T>(x + y);
    if constexpr (kind == BinaryFunction::kSub) return static_cast<T>(x - y);
    if (b == 0) return 0;
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return static_cast<T>(Wide{0} - x);
    return static_cast<T>(a / b);
  } else {
    if constexpr (kind == BinaryFunction::kAdd) return a + b;
    if constexpr (kind == BinaryFunction::kSub) return a - b;
    return a / b;
  }
}

class ArithmeticOperator final : public Operator {
 public:
  ArithmeticOperator(BinaryFunction kind, BroadcastPair pair) : kind_(kind), pair_(std::move(pair)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    const DType dtype = inputs[0].dtype;
    if (dtype != inputs[1].dtype) return fail(Error::invalid("the inputs are not of one type"));
    if (!is_number(dtype))
      return fail(Error::unsupported("no arithmetic on this element type").saw(std::string(dtype_name(dtype))));
    PLEAT_ASSIGN(Shape out, pair_.join(inputs[0].shape, inputs[1].shape));
    PLEAT_TRY(checked_elements(out.dims(), size_of(dtype)));
    equal_float_shapes_ = dtype == DType::kFloat && inputs[0].shape == inputs[1].shape;
    overwritable_ = BroadcastPair::overwritable(inputs, dtype, out.elements());
    return std::vector<Fact>{{dtype, std::move(out), std::nullopt}};
  }

  std::optional<int> in_place_of() const override { return overwritable_; }
  std::optional<BinaryFunction> arithmetic_of_equal_shapes() const override {
    return equal_float_shapes_ ? std::optional(kind_) : std::nullopt;
  }

  void run(const RunContext& context) const noexcept override {
    with_number(context.outputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      switch (kind_) {
        case BinaryFunction::kAdd: return run_kind<BinaryFunction::kAdd, T>(context);
        case BinaryFunction::kSub: return run_kind<BinaryFunction::kSub, T>(context);
        case BinaryFunction::kMul: return run_kind<BinaryFunction::kMul, T>(context);
        case BinaryFunction::kDiv: return run_kind<BinaryFunction::kDiv, T>(context);
      }
    });
  }

 private:
  template <BinaryFunction kind, class T>
  void run_kind(const RunContext& context) const {
    pair_.run<T, T, T>(context, [](T a, T b) { return compute<kind>(a, b); });
  }

  BinaryFunction kind_;
  BroadcastPair pair_;
  bool equal_float_shapes_ = false;
  std::optional<int> overwritable_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_arithmetic(BinaryFunction kind, const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  BroadcastPair pair(reader, opset);
  PLEAT_TRY(reader.finish());
  return std::make_unique<ArithmeticOperator>(kind, std::move(pair));
}

}  // namespace pleat
