#include "converter/fold/constants.h"

#include <fmt/format.h>

#include <cmath>

namespace pleat {
namespace {

constexpr std::int64_t kFirstIrWithOverridableInitializers = 4;

Attempt<Tensor> constant_node(const Node& node, const std::string& value, const std::string& role) {
  const auto as_tensor = [&](const Attribute& attribute) -> Tensor {
    if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) return *tensor;
    if (const auto* number = std::get_if<float>(&attribute.value)) return Tensor::scalar(*number);
    if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value))
      return Tensor::of(Shape{static_cast<std::int64_t>(numbers->size())}, *numbers);
    return {};
  };
  for (const char* name : {"value", "value_float", "value_floats"}) {
    const Attribute* attribute = node.attribute(name);
    if (attribute == nullptr) continue;
    if (Tensor tensor = as_tensor(*attribute); tensor.present()) return tensor;
  }
  return refuse("F49", fmt::format("{} '{}' is a Constant of a kind that is not read here", role, value),
                "store it as an ordinary float tensor");
}

Refusal not_constant(const Node* maker, const std::string& value, const std::string& role,
                     const std::string& otherwise) {
  const std::string freeze = "run the exporter's constant folding first";
  if (maker == nullptr) {
    return {otherwise, fmt::format("{} '{}' is given at run time", role, value), "store it in the model as a constant"};
  }
  const std::string detail = fmt::format("{} '{}' is computed by {}", role, value, maker->label());
  if (maker->is("DequantizeLinear")) return {"F52", detail, "fold before quantizing"};
  if (maker->is("Cast")) return {"F51", detail, freeze};
  return {otherwise, detail, freeze};
}

}  // namespace

Attempt<Tensor> constant(const FoldContext& context, const std::string& value, const std::string& role,
                         const std::string& otherwise) {
  if (const auto producer = context.uses.producer(value)) {
    const Node& maker = context.graph.nodes[*producer];
    if (maker.is("Constant")) return constant_node(maker, value, role);
    return tl::unexpected(not_constant(&maker, value, role, otherwise));
  }
  const Initializer* initializer = context.graph.initializer(value);
  if (initializer == nullptr) return tl::unexpected(not_constant(nullptr, value, role, otherwise));
  const bool overridable = context.model.ir_version >= kFirstIrWithOverridableInitializers;
  if (overridable && context.graph.input(value) != nullptr) {
    return refuse("F56", fmt::format("{} '{}' is also a graph input, so a caller may override it", role, value),
                  "remove it from the graph's inputs");
  }
  if (!initializer->tensor.present()) {
    return refuse("F49", fmt::format("{} '{}' has an element type that is not read here", role, value));
  }
  return initializer->tensor;
}

Attempt<std::vector<double>> finite_values(const Tensor& tensor, const std::string& value, const std::string& role) {
  auto values = to_doubles(tensor);
  if (!values) return refuse("F49", fmt::format("{} '{}': {}", role, value, values.error().what));
  for (std::size_t i = 0; i < values->size(); ++i) {
    if (std::isfinite((*values)[i])) continue;
    return refuse("F24", fmt::format("{} '{}' holds {} at element {}", role, value, (*values)[i], i),
                  "look for a diverged training run or a damaged file");
  }
  return std::move(*values);
}

}  // namespace pleat
