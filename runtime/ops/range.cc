#include <algorithm>
#include <cmath>

#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// start, start + delta, start + 2·delta … before limit. All three must be known when the model is planned.
class Range final : public Operator {
 public:
  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 3, 3));
    const DType dtype = inputs[0].dtype;
    constexpr const char* kNames[] = {"start", "limit", "delta"};
    for (std::size_t i = 0; i < 3; ++i) {
      if (inputs[i].dtype != dtype || inputs[i].shape.elements() != 1)
        return fail(Error::invalid(std::string("'") + kNames[i] + "' must be one number, all of one type"));
      if (!inputs[i].constant)
        return fail(Error::unsupported(std::string("'") + kNames[i] + "' is computed from the model's input")
                        .expect("one that is known when the model is planned"));
    }
    std::int64_t count = 0;
    const bool known = with_number(dtype, [&](auto zero) {
      using T = decltype(zero);
      count =
          steps(inputs[0].constant->data<T>()[0], inputs[1].constant->data<T>()[0], inputs[2].constant->data<T>()[0]);
    });
    if (!known) return fail(Error::unsupported("no range of this element type").saw(std::string(dtype_name(dtype))));
    if (count < 0) return fail(Error::invalid("the range has no end").expect("a finite one and delta not 0"));
    PLEAT_TRY(checked_elements(std::vector<std::int64_t>{count}, size_of(dtype)));
    return std::vector<Fact>{{dtype, Shape{count}, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    with_number(context.outputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      const T start = *context.inputs[0].as<T>(), delta = *context.inputs[2].as<T>();
      for (std::int64_t i = 0; i < context.outputs[0].elements(); ++i)
        context.outputs[0].as<T>()[i] = static_cast<T>(start + wrapping_product(static_cast<T>(i), delta));
    });
  }

 private:
  /// max(0, ⌈(limit - start) / delta⌉); -1 where that is not a count.
  template <class T>
  static std::int64_t steps(T start, T limit, T delta) {
    if (delta == 0) return -1;
    if constexpr (std::is_integral_v<T>) {
      if (delta > 0 ? start >= limit : start <= limit) return 0;
      const auto distance = delta > 0 ? static_cast<std::uint64_t>(limit) - static_cast<std::uint64_t>(start)
                                      : static_cast<std::uint64_t>(start) - static_cast<std::uint64_t>(limit);
      const std::uint64_t step = delta > 0 ? static_cast<std::uint64_t>(delta) : 0 - static_cast<std::uint64_t>(delta);
      const std::uint64_t count = (distance - 1) / step + 1;
      return count >> 63 != 0 ? -1 : static_cast<std::int64_t>(count);
    } else {
      const double count =
          std::ceil((static_cast<double>(limit) - static_cast<double>(start)) / static_cast<double>(delta));
      if (!(std::fabs(count) < 9e18)) return -1;
      return std::max<std::int64_t>(0, static_cast<std::int64_t>(count));
    }
  }
};

Result<std::unique_ptr<Operator>> make_range(const Node& node, std::int64_t) {
  PLEAT_TRY(expect_no_attributes(node));
  return std::make_unique<Range>();
}

}  // namespace

void register_range(OpRegistry& registry) { registry.add("Range", make_range); }

}  // namespace pleat
