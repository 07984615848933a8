#include "runtime/graph/attributes.h"
#include "runtime/ops/float_shared.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/quantize_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// y = (x - zero point) · scale, subtracted exactly and multiplied in the type of the scale.
class DequantizeLinear final : public Operator {
 public:
  struct Form {
    std::int64_t axis, block;
    DType output;  ///< asked for; undefined: that of the scale
  };
  explicit DequantizeLinear(Form form) : form_(form) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 2, 3));
    PLEAT_TRY(check_scale(inputs));
    if (!with_quantized(inputs[0].dtype, [](auto) {}))
      return fail(
          Error::unsupported("no dequantization of this element type").saw(std::string(dtype_name(inputs[0].dtype))));
    if (inputs.size() > 2 && inputs[2].present() && inputs[2].dtype != inputs[0].dtype)
      return fail(Error::invalid("the zero point is not of the type of x")
                      .expect(std::string(dtype_name(inputs[0].dtype)))
                      .saw(std::string(dtype_name(inputs[2].dtype))));
    if (form_.output != DType::kUndefined && form_.output != inputs[1].dtype)
      return fail(Error::unsupported("an output_dtype that is not the type of the scale")
                      .saw(std::to_string(static_cast<int>(form_.output))));
    PLEAT_ASSIGN(grid_, ScaleGrid::resolve(inputs[0].shape, inputs[1].shape, form_.axis, form_.block));
    return std::vector<Fact>{{inputs[1].dtype, inputs[0].shape, std::nullopt}};
  }

  void run(const RunContext& context) const noexcept override {
    with_quantized(context.inputs[0].dtype, [&](auto source) {
      with_float(context.inputs[1].dtype, [&](auto zero) { run_typed<decltype(source), decltype(zero)>(context); });
    });
  }

 private:
  template <class From, class Scale>
  void run_typed(const RunContext& context) const {
    const From* x = context.inputs[0].as<From>();
    const Scale* scale = context.inputs[1].as<Scale>();
    const bool shifted = context.inputs.size() > 2 && context.inputs[2].present();
    const From* zero_point = shifted ? context.inputs[2].as<From>() : nullptr;
    Scale* y = context.outputs[0].as<Scale>();
    grid_.for_each_row(*context.pool, [&](std::int64_t first, std::int64_t s, std::int64_t count, std::int64_t step) {
      for (std::int64_t i = 0; i < count; ++i) {
        const std::int64_t at = s + i * step;
        const std::int64_t shift = shifted ? zero_point[at] : 0;
        y[first + i] = static_cast<Scale>(x[first + i] - shift) * scale[at];
      }
    });
  }

  Form form_;
  ScaleGrid grid_;
};

Result<std::unique_ptr<Operator>> make_dequantize_linear(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  DequantizeLinear::Form form{.axis = opset >= 13 ? reader.integer("axis", 1) : 1,
                              .block = opset >= 21 ? reader.integer("block_size", 0) : 0,
                              .output = DType::kUndefined};
  if (opset >= 23)
    if (const std::int64_t output = reader.integer("output_dtype", 0); output > 0 && output <= INT32_MAX)
      form.output = static_cast<DType>(output);
  PLEAT_TRY(reader.finish());
  if (form.block < 0) return fail(Error::invalid("block_size is negative").saw(std::to_string(form.block)));
  return std::make_unique<DequantizeLinear>(form);
}

}  // namespace

void register_dequantize_linear(OpRegistry& registry) { registry.add("DequantizeLinear", make_dequantize_linear); }

}  // namespace pleat
