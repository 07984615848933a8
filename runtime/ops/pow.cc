#include "runtime/kernels/power.h"

#include <limits>
#include <type_traits>

#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/pair_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// The value cut to an integer and to the range of T; 0 for NaN.
template <class T>
T cut(double value) {
  if (std::isnan(value)) return 0;
  if (value >= -static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::max();
  if (value <= static_cast<double>(std::numeric_limits<T>::min())) return std::numeric_limits<T>::min();
  return static_cast<T>(value);
}

/// By squaring, wrapped; 1/base cut to an integer for negative exponents, 0 for base 0.
template <class T, class E>
T integer_power(T base, E exponent) {
  if (exponent < 0) return base == 1 ? T{1} : base == -1 ? (exponent % 2 == 0 ? T{1} : T{-1}) : T{0};
  T result = 1;
  for (; exponent > 0; exponent = static_cast<E>(exponent / 2)) {
    if (exponent % 2 != 0) result = wrapping_product(result, base);
    base = wrapping_product(base, base);
  }
  return result;
}

template <class T, class E>
T raise(T base, E exponent) {
  if constexpr (std::is_integral_v<T> && std::is_integral_v<E>)
    return integer_power(base, exponent);
  else if constexpr (std::is_integral_v<T>)
    return cut<T>(power(static_cast<double>(base), static_cast<double>(exponent)));
  else if constexpr (std::is_same_v<T, float> && sizeof(E) <= 2)
    return power(base, static_cast<float>(exponent));
  else if constexpr (std::is_same_v<T, E>)
    return power(base, exponent);
  else
    return static_cast<T>(power(static_cast<double>(base), static_cast<double>(exponent)));
}

/// Z = X^Y, of the type of X; the exponent has that type before opset 12, then any.
class Pow final : public Operator {
 public:
  Pow(BroadcastPair pair, bool mixed_types) : pair_(std::move(pair)), mixed_types_(mixed_types) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    const DType dtype = inputs[0].dtype;
    if (!mixed_types_ && dtype != inputs[1].dtype) return fail(Error::invalid("the inputs are not of one type"));
    if (!with_base(dtype, [](auto) {}) || !is_number(inputs[1].dtype))
      return fail(Error::unsupported("no power of these element types")
                      .expect("float, double, int32 or int64, raised to numbers")
                      .saw(std::string(dtype_name(dtype)) + " and " + std::string(dtype_name(inputs[1].dtype))));
    PLEAT_ASSIGN(Shape out, pair_.join(inputs[0].shape, inputs[1].shape));
    PLEAT_TRY(checked_elements(out.dims(), size_of(dtype)));
    overwritable_ = BroadcastPair::overwritable(inputs, dtype, out.elements());
    return std::vector<Fact>{{dtype, std::move(out), std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return overwritable_; }

  void run(const RunContext& context) const noexcept override {
    with_base(context.inputs[0].dtype, [&](auto base) {
      using T = decltype(base);
      with_number(context.inputs[1].dtype, [&](auto exponent) {
        using E = decltype(exponent);
        const TensorView& y = context.inputs[1];
        if (y.elements() == 1 && *y.as<E>() == E{2})
          pair_.run<T, E, T>(context, [](T x, E) { return wrapping_product(x, x); });
        else
          pair_.run<T, E, T>(context, raise<T, E>);
      });
    });
  }

 private:
  template <class Body>
  static bool with_base(DType dtype, Body body) {
    switch (dtype) {
      case DType::kFloat: return body(float{}), true;
      case DType::kDouble: return body(double{}), true;
      case DType::kInt32: return body(std::int32_t{}), true;
      case DType::kInt64: return body(std::int64_t{}), true;
      default: return false;
    }
  }

  BroadcastPair pair_;
  bool mixed_types_;
  std::optional<int> overwritable_;
};

Result<std::unique_ptr<Operator>> make_pow(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  BroadcastPair pair(reader, opset);
  PLEAT_TRY(reader.finish());
  return std::make_unique<Pow>(std::move(pair), opset >= 12);
}

}  // namespace

void register_pow(OpRegistry& registry) { registry.add("Pow", make_pow); }

}  // namespace pleat
