#include "converter/verify/to_double.h"

namespace pleat {
namespace {

bool is_narrow_float(DType dtype) {
  return dtype == DType::kFloat || dtype == DType::kFloat16 || dtype == DType::kBfloat16;
}

Status widen(Graph& graph);

void widen(std::vector<ValueInfo>& infos) {
  for (ValueInfo& info : infos) {
    if (!is_narrow_float(info.type.dtype)) continue;
    info.type.dtype = DType::kDouble;
    info.encoded_type.clear();
  }
}

/// A Constant's value_float and value_floats are float by definition: they become a tensor.
Status widen_constant(Node& node) {
  for (Attribute& attribute : node.attributes) {
    Tensor tensor;
    if (const auto* number = std::get_if<float>(&attribute.value)) {
      tensor = Tensor::scalar(*number);
    } else if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value)) {
      tensor = Tensor::of(Shape{static_cast<std::int64_t>(numbers->size())}, *numbers);
    } else {
      continue;
    }
    PLEAT_ASSIGN(tensor, widened(tensor));
    attribute = Attribute::tensor("value", std::move(tensor));
  }
  return {};
}

Status widen(Node& node) {
  if (node.is("Constant")) PLEAT_TRY(widen_constant(node));
  for (Attribute& attribute : node.attributes) {
    if (auto* tensor = std::get_if<Tensor>(&attribute.value); tensor != nullptr && is_narrow_float(tensor->dtype())) {
      PLEAT_ASSIGN(*tensor, widened(*tensor));
      attribute.encoded = {};
    }
    const auto* number = std::get_if<std::int64_t>(&attribute.value);
    const bool names_a_type = (node.is("Cast") && attribute.name == "to") || attribute.name == "dtype";
    if (number != nullptr && names_a_type && is_narrow_float(static_cast<DType>(*number)))
      attribute = Attribute::integer(attribute.name, static_cast<std::int64_t>(DType::kDouble));
    if (auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value); inner != nullptr && *inner != nullptr) {
      *inner = std::make_shared<Graph>(**inner);
      PLEAT_TRY(widen(**inner));
    }
  }
  return {};
}

Status widen(Graph& graph) {
  for (Initializer& initializer : graph.initializers) {
    if (!is_narrow_float(initializer.tensor.dtype())) continue;
    PLEAT_ASSIGN(initializer.tensor, widened(initializer.tensor));
    initializer.encoded = {};
  }
  widen(graph.inputs);
  widen(graph.outputs);
  widen(graph.value_info);
  for (Node& node : graph.nodes) PLEAT_TRY(widen(node));
  return {};
}

}  // namespace

Result<Tensor> widened(const Tensor& tensor) {
  if (!is_narrow_float(tensor.dtype())) return tensor;
  PLEAT_ASSIGN(const std::vector<double> values, to_doubles(tensor));
  return from_doubles(DType::kDouble, tensor.shape(), values);
}

Result<Model> to_double(const Model& model) {
  Model wide = model;
  PLEAT_TRY(widen(wide.graph));
  return wide;
}

}  // namespace pleat
