#include <cmath>
#include <limits>

#include "runtime/graph/attributes.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/quantize_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// y = saturate(round(x / scale) + zero point), halves to even, divided in the type of the scale. NaN gives the lowest
/// value. 8-bit integers, from opset 21 also 16-bit ones.
class QuantizeLinear final : public Operator {
 public:
  struct Form {
    std::int64_t axis, block;
    DType output;  ///< where no zero point says it
    bool wide;     ///< 16-bit integers
  };
  explicit QuantizeLinear(Form form) : form_(form) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 3));
    PLEAT_TRY(check_scale(inputs));
    if (inputs[0].dtype != DType::kInt32) PLEAT_TRY(expect_float(inputs[0], "x"));
    PLEAT_ASSIGN(grid_, ScaleGrid::resolve(inputs[0].shape, inputs[1].shape, form_.axis, form_.block));
    output_ = inputs.size() > 2 && inputs[2].present() ? inputs[2].dtype : form_.output;
    const std::size_t most = form_.wide ? 2 : 1;
    if (size_of(output_) > most || !with_quantized(output_, [](auto) {}))
      return fail(Error::unsupported("no quantization to this element type").saw(std::string(dtype_name(output_))));
    return std::vector<Fact>{{output_, inputs[0].shape, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    with_quantized(output_, [&](auto target) {
      using To = decltype(target);
      with_float(context.inputs[1].dtype, [&](auto zero) {
        using Scale = decltype(zero);
        switch (context.inputs[0].dtype) {
          case DType::kInt32: return run_typed<std::int32_t, Scale, To>(context);
          case DType::kDouble: return run_typed<double, Scale, To>(context);
          default: return run_typed<float, Scale, To>(context);
        }
      });
    });
  }

 private:
  template <class To>
  static To saturated(double value) {
    using Limits = std::numeric_limits<To>;
    if (!(value > static_cast<double>(Limits::lowest()))) return Limits::lowest();
    if (value > static_cast<double>(Limits::max())) return Limits::max();
    return static_cast<To>(value);
  }

  template <class From, class Scale, class To>
  void run_typed(const RunContext& context) const {
    const From* x = context.inputs[0].as<From>();
    const Scale* scale = context.inputs[1].as<Scale>();
    const bool shifted = context.inputs.size() > 2 && context.inputs[2].present();
    const To* zero_point = shifted ? context.inputs[2].as<To>() : nullptr;
    To* y = context.outputs[0].as<To>();
    grid_.for_each_row(*context.pool, [&](std::int64_t first, std::int64_t s, std::int64_t count, std::int64_t step) {
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t at = s + i * step;
        const double shift = shifted ? static_cast<double>(zero_point[at]) : 0;
        const auto quotient = static_cast<double>(static_cast<Scale>(x[first + i]) / scale[at]);
        y[first + i] = saturated<To>(std::nearbyint(quotient) + shift);
      }
    });
  }

  Form form_;
  ScaleGrid grid_;
  DType output_ = DType::kUndefined;
};

Result<std::unique_ptr<Operator>> make_quantize_linear(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  QuantizeLinear::Form form{.axis = opset >= 13 ? reader.integer("axis", 1) : 1,
                            .block = opset >= 21 ? reader.integer("block_size", 0) : 0,
                            .output = DType::kUint8,
                            .wide = opset >= 21};
  if (opset >= 19) reader.ignore("saturate");  // is about float8 alone
  if (opset >= 21)
    if (const std::int64_t output = reader.integer("output_dtype", 0); output > 0 && output <= INT32_MAX)
      form.output = static_cast<DType>(output);
  const std::int64_t precision = opset >= 23 ? reader.integer("precision", 0) : 0;
  PLEAT_TRY(reader.finish());
  if (form.block < 0) return fail(Error::invalid("block_size is negative").saw(std::to_string(form.block)));
  if (precision != 0)
    return fail(Error::unsupported("a precision of the division of its own").saw(std::to_string(precision)));
  return std::make_unique<QuantizeLinear>(form);
}

}  // namespace

void register_quantize_linear(OpRegistry& registry) { registry.add("QuantizeLinear", make_quantize_linear); }

}  // namespace pleat
