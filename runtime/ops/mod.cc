#include <cmath>
#include <type_traits>

#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/pair_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// With the sign of the dividend; integers modulo 0 give 0.
template <class T>
T remainder_of_dividend(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::fmod(a, b);
  } else {
    if (b == 0 || (std::is_signed_v<T> && b == static_cast<T>(-1))) return 0;
    return static_cast<T>(a % b);
  }
}

/// With the sign of the divisor.
template <class T>
T remainder_of_divisor(T a, T b) {
  const T rest = remainder_of_dividend(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? static_cast<T>(rest + b) : rest;
}

class Mod final : public Operator {
 public:
  Mod(BroadcastPair pair, bool fmod) : pair_(std::move(pair)), fmod_(fmod) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    const DType dtype = inputs[0].dtype;
    if (dtype != inputs[1].dtype) return fail(Error::invalid("the inputs are not of one type"));
    if (!is_number(dtype))
      return fail(Error::unsupported("no remainder on this element type").saw(std::string(dtype_name(dtype))));
    if (!fmod_ && !is_integer(dtype)) return fail(Error::invalid("real numbers need the attribute fmod = 1"));
    PLEAT_ASSIGN(Shape out, pair_.join(inputs[0].shape, inputs[1].shape));
    PLEAT_TRY(checked_elements(out.dims(), size_of(dtype)));
    overwritable_ = BroadcastPair::overwritable(inputs, dtype, out.elements());
    return std::vector<Fact>{{dtype, std::move(out), std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return overwritable_; }

  void run(const RunContext& context) const noexcept override {
    with_number(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      pair_.run<T, T, T>(context, fmod_ ? remainder_of_dividend<T> : remainder_of_divisor<T>);
    });
  }

 private:
  BroadcastPair pair_;
  bool fmod_;
  std::optional<int> overwritable_;
};

Result<std::unique_ptr<Operator>> make_mod(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const bool fmod = reader.integer("fmod", 0) != 0;
  BroadcastPair pair(reader, 10);
  PLEAT_TRY(reader.finish());
  return std::make_unique<Mod>(std::move(pair), fmod);
}

}  // namespace

void register_mod(OpRegistry& registry) { registry.add("Mod", make_mod); }

}  // namespace pleat
