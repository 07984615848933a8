#include <type_traits>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

template <class T>
T negated(T x) {
  if constexpr (std::is_integral_v<T>)
    return wrapping_product(x, static_cast<T>(-1));
  else
    return -x;
}

/// Y = -X. Integers wrap.
class Neg final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, 1));
    if (!is_number(inputs[0].dtype))
      return fail(Error::unsupported("no negation of this element type").saw(std::string(dtype_name(inputs[0].dtype))));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }
  std::optional<int> in_place_of() const override { return 0; }

  void run(const RunContext& context) const noexcept override {
    constexpr std::int64_t kGrain = 16384;  // elements worth another thread
    with_number(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      const T* x = context.inputs[0].as<T>();
      T* y = context.outputs[0].as<T>();
      context.pool->parallel_for(context.inputs[0].elements(), kGrain, [&](std::int64_t begin, std::int64_t end) {
        for (std::int64_t i = begin; i < end; ++i) y[i] = negated(x[i]);
      });
    });
  }
};

Result<std::unique_ptr<Operator>> make_neg(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  if (opset < 6) reader.ignore("consumed_inputs");
  PLEAT_TRY(reader.finish());
  return std::make_unique<Neg>();
}

}  // namespace

void register_neg(OpRegistry& registry) { registry.add("Neg", make_neg); }

}  // namespace pleat
