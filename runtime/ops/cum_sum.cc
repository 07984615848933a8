#include "runtime/graph/attributes.h"
#include "runtime/ops/axis_lines_shared.h"
#include "runtime/ops/index_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Sums of all elements up to each one along the axis, added in order; `exclusive` leaves the element itself out,
/// `reverse` starts from the end. Integers wrap. An axis computed in the run that lies outside gives a copy.
class CumSum final : public Operator {
 public:
  CumSum(bool exclusive, bool reverse) : exclusive_(exclusive), reverse_(reverse) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 2));
    if (!is_number(inputs[0].dtype))
      return fail(Error::unsupported("no sums of this element type").saw(std::string(dtype_name(inputs[0].dtype))));
    if (inputs[1].shape.elements() != 1)
      return fail(Error::invalid("the axis must be one number").saw(inputs[1].shape.text()));
    PLEAT_TRY(expect_indices(inputs[1], inputs[0].shape.rank()));
    return std::vector<Fact>{{inputs[0].dtype, inputs[0].shape, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    const Shape& shape = *context.inputs[0].shape;
    const auto axis = static_cast<int>(index_at(context.inputs[1], 0, shape.rank()));
    if (axis < 0) return copy_elements(context.inputs[0], context.outputs[0]);
    const AxisLines lines(shape, axis);
    with_number(context.inputs[0].dtype, [&](auto zero) {
      using T = decltype(zero);
      for (std::int64_t line = 0; line < lines.count(); ++line) {
        const std::int64_t first = lines.first(line);
        add_up(context.inputs[0].as<T>() + first, context.outputs[0].as<T>() + first, lines);
      }
    });
  }

 private:
  template <class T>
  void add_up(const T* x, T* y, const AxisLines& lines) const {
    T sum = 0;
    for (std::int64_t i = 0; i < lines.length; ++i) {
      const std::int64_t at = (reverse_ ? lines.length - 1 - i : i) * lines.inner;
      const T next = wrapping_sum(sum, x[at]);
      y[at] = exclusive_ ? sum : next;
      sum = next;
    }
  }

  bool exclusive_, reverse_;
};

Result<std::unique_ptr<Operator>> make_cum_sum(const Node& node, std::int64_t) {
  AttributeReader reader(node);
  const bool exclusive = reader.integer("exclusive", 0) != 0;
  const bool reverse = reader.integer("reverse", 0) != 0;
  PLEAT_TRY(reader.finish());
  return std::make_unique<CumSum>(exclusive, reverse);
}

}  // namespace

void register_cum_sum(OpRegistry& registry) { registry.add("CumSum", make_cum_sum); }

}  // namespace pleat
