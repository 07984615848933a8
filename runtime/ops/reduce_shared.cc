#include "runtime/ops/reduce_shared.h"

#include <algorithm>

#include "runtime/ops/axes_shared.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/number_shared.h"

namespace pleat {
namespace {

class Reduce final : public Operator {
 public:
  struct Form {
    ListParameter axes;
    std::size_t most_inputs;
    bool keep_dims, noop_without_axes, bools;
  };
  Reduce(Reduction reduction, Form form) : reduction_(reduction), form_(std::move(form)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, form_.most_inputs));
    dtype_ = inputs[0].dtype;
    const bool floats_only = reduction_ == Reduction::kLogSum || reduction_ == Reduction::kLogSumExp;
    if (floats_only) PLEAT_TRY(expect_float(inputs[0], "the data"));
    if (!is_number(dtype_) && !(form_.bools && dtype_ == DType::kBool))
      return fail(Error::unsupported("no reduction of this element type").saw(std::string(dtype_name(dtype_))));
    PLEAT_ASSIGN(const auto given, form_.axes.resolve(inputs));
    const Shape& from = inputs[0].shape;
    std::vector<int> axes;
    PLEAT_ASSIGN(axes, normalize_axes(*given, from.rank()));
    const bool all = axes.empty() && !form_.noop_without_axes;
    const auto strides = from.strides();
    std::vector<std::int64_t> dims;
    kept_.clear(), reduced_.clear();
    for (int axis = 0; axis < from.rank(); ++axis) {
      const bool reduced = all || std::binary_search(axes.begin(), axes.end(), axis);
      if (!reduced || form_.keep_dims) dims.push_back(reduced ? 1 : from[axis]);
      add_loop(reduced ? reduced_ : kept_, {from[axis], strides[static_cast<std::size_t>(axis)]});
    }
    return std::vector<Fact>{{dtype_, Shape(std::move(dims)), std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    if (dtype_ == DType::kBool) return run_typed<bool>(context);
    with_number(dtype_, [&](auto zero) { run_typed<decltype(zero)>(context); });
  }

 private:
  /// Axes that can be walked as one are one.
  static void add_loop(std::vector<ReduceLoop>& loops, ReduceLoop loop) {
    if (loop.size == 1) return;
    if (!loops.empty() && loops.back().step == loop.step * loop.size)
      loops.back() = {loops.back().size * loop.size, loop.step};
    else
      loops.push_back(loop);
  }

  template <class T>
  void run_typed(const RunContext& context) const {
    reduce<T>(reduction_,
              {.kept = kept_, .reduced = reduced_, .x = context.inputs[0].as<T>(), .y = context.outputs[0].as<T>()},
              *context.pool);
  }

  Reduction reduction_;
  Form form_;
  DType dtype_ = DType::kUndefined;
  std::vector<ReduceLoop> kept_, reduced_;
};

}  // namespace

Result<std::unique_ptr<Operator>> make_reduction(Reduction reduction, const Node& node, std::int64_t opset,
                                                 std::int64_t input_opset) {
  AttributeReader reader(node);
  const bool by_input = opset >= input_opset;
  const std::vector<std::int64_t> named = by_input ? std::vector<std::int64_t>{} : reader.integers("axes");
  Reduce::Form form{.axes = by_input ? ListParameter::input(1, "axes") : ListParameter::attribute(reader, "axes"),
                    .most_inputs = by_input ? 2U : 1U,
                    .keep_dims = reader.integer("keepdims", 1) != 0,
                    .noop_without_axes = by_input && reader.integer("noop_with_empty_axes", 0) != 0,
                    .bools = opset >= 20 && (reduction == Reduction::kMax || reduction == Reduction::kMin)};
  PLEAT_TRY(reader.finish());
  if (opset < 11 && std::any_of(named.begin(), named.end(), [](std::int64_t axis) { return axis < 0; }))
    return fail(Error::invalid("a negative axis needs opset 11").saw("opset " + std::to_string(opset)));
  return std::make_unique<Reduce>(reduction, std::move(form));
}

}  // namespace pleat
