#include <array>

#include "runtime/graph/attributes.h"
#include "runtime/ops/move_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// Its output is known when the model is planned; `run` serves plans that could not keep it.
class Constant final : public Operator {
 public:
  explicit Constant(Tensor value) : value_(std::move(value)) {}

  Result<std::vector<Fact>> infer(std::span<const Fact> inputs) override {
    PLEAT_TRY(expect_inputs(inputs, 0, 0));
    return std::vector<Fact>{Fact::of(value_)};
  }
  void run(const RunContext& context) const noexcept override { copy_elements(value_.view(), context.outputs[0]); }

 private:
  Tensor value_;
};

template <class T>
Tensor list_of(const std::vector<T>& values) {
  return Tensor::of(Shape{static_cast<std::int64_t>(values.size())}, values);
}

Result<Tensor> value_of(AttributeReader& attributes, std::string_view name) {
  if (name == "value") return attributes.tensor(name);
  if (name == "value_float") return Tensor::scalar(attributes.number(name, 0));
  if (name == "value_floats") return list_of(attributes.numbers(name));
  if (name == "value_int") return Tensor::scalar(attributes.integer(name, 0));
  if (name == "value_ints") return list_of(attributes.integers(name));
  return fail(Error::unsupported("constants of this kind do not run").saw("'" + std::string(name) + "'"));
}

Result<std::unique_ptr<Operator>> make_constant(const Node& node, std::int64_t opset) {
  constexpr std::array<std::string_view, 8> kForms = {"value",      "value_float",  "value_floats",  "value_int",
                                                      "value_ints", "value_string", "value_strings", "sparse_value"};
  AttributeReader attributes(node);
  std::string_view form;
  for (std::string_view name : kForms) {
    if (node.attribute(name) == nullptr) continue;
    if (!form.empty())
      return fail(Error::invalid("a constant has one value").saw(std::string(form) + " and " + std::string(name)));
    form = name;
  }
  if (form.empty()) return fail(Error::invalid("the constant has no value"));
  const std::int64_t needs = form == "value" ? 1 : form == "sparse_value" ? 11 : 12;
  if (opset < needs)
    return fail(Error::invalid("the attribute '" + std::string(form) + "' needs opset " + std::to_string(needs))
                    .saw("opset " + std::to_string(opset)));
  PLEAT_ASSIGN(Tensor value, value_of(attributes, form));
  PLEAT_TRY(attributes.finish());
  if (size_of(value.dtype()) == 0) return fail(Error::unsupported("constants of this element type do not run"));
  return std::make_unique<Constant>(std::move(value));
}

}  // namespace

void register_constant(OpRegistry& registry) { registry.add("Constant", make_constant); }

}  // namespace pleat
