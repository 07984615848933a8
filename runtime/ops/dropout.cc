#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

bool is_float(DType dtype) {
  return dtype == DType::kFloat || dtype == DType::kDouble || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
}

/// Calls body with the bits of 1 in an unsigned integer as wide as an element.
template <class Body>
void with_one(DType dtype, Body body) noexcept {
  switch (dtype) {
    case DType::kDouble: return body(std::uint64_t{0x3ff0000000000000});
    case DType::kFloat: return body(std::uint32_t{0x3f800000});
    case DType::kFloat16: return body(std::uint16_t{0x3c00});
    case DType::kBfloat16: return body(std::uint16_t{0x3f80});
    default: return body(std::uint8_t{1});
  }
}

/// As in evaluation: the input unchanged, and a mask of ones. Training is refused, unless nothing is dropped.
class Dropout final : public Operator {
 public:
  struct Form {
    bool with_mask;
    bool bool_mask;      ///< from opset 10; before, the mask is of the input's type
    bool rate_is_input;  ///< from opset 12, with training_mode
  };
  explicit Dropout(Form form) : form_(form) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 1, form_.rate_is_input ? 3 : 1));
    if (!is_float(inputs[0].dtype))
      return fail(Error::invalid("the input is not of a float type").saw(std::string(dtype_name(inputs[0].dtype))));
    PLEAT_TRY(expect_evaluation(inputs));
    std::vector<Fact> outputs{inputs[0]};
    const DType mask = form_.bool_mask ? DType::kBool : inputs[0].dtype;
    if (form_.with_mask) outputs.push_back({mask, inputs[0].shape, std::nullopt});
    return outputs;
  }

  std::optional<int> view_of() const override { return 0; }

  void run(const RunContext& context) const noexcept override {
    if (context.outputs[0].present()) copy_elements(context.inputs[0], context.outputs[0]);
    if (!form_.with_mask) return;
    const MutableTensorView& mask = context.outputs[1];
    with_one(mask.dtype, [&](auto one) {
      auto* element = static_cast<decltype(one)*>(mask.data);
      for (std::int64_t i = mask.elements(); i > 0; --i) *element++ = one;
    });
  }

 private:
  static Status expect_evaluation(std::span<const Fact> inputs) {
    if (inputs.size() < 3 || !inputs[2].present()) return {};
    const Fact& training = inputs[2];
    if (training.dtype != DType::kBool || training.shape.elements() != 1)
      return fail(Error::invalid("training_mode is not one bool")
                      .saw(std::string(dtype_name(training.dtype)) + training.shape.text()));
    if (!training.constant)
      return fail(Error::unsupported("training_mode is computed from the model's input")
                      .fix("export the model in evaluation mode"));
    if (!training.constant->data<bool>()[0] || drops_nothing(inputs[1])) return {};
    return fail(Error::unsupported("the dropout is in training mode").fix("export the model in evaluation mode"));
  }

  static bool drops_nothing(const Fact& ratio) {
    if (!ratio.constant || ratio.shape.elements() != 1) return false;
    const auto value = to_doubles(*ratio.constant);
    return value && (*value)[0] == 0;
  }

  Form form_;
};

Result<std::unique_ptr<Operator>> make_dropout(const Node& node, std::int64_t opset) {
  AttributeReader attributes(node);
  const bool with_mask = node.outputs.size() > 1 && !node.outputs[1].empty();
  const float ratio = opset < 12 ? attributes.number("ratio", 0.5f) : 0.0f;
  if (opset >= 12) attributes.ignore("seed");
  if (opset < 6) attributes.ignore("consumed_inputs");
  const bool training = opset < 7 && attributes.integer("is_test", 0) == 0;
  PLEAT_TRY(attributes.finish());
  if (training && ratio > 0)
    return fail(Error::unsupported("the dropout is in training mode")
                    .expect("is_test = 1")
                    .fix("export the model in evaluation mode"));
  return std::make_unique<Dropout>(Dropout::Form{with_mask, opset >= 10, opset >= 12});
}

}  // namespace

void register_dropout(OpRegistry& registry) { registry.add("Dropout", make_dropout); }

}  // namespace pleat
