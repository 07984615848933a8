#include "converter/verify/widen.h"

#include <algorithm>

#include "runtime/tensor/half.h"

namespace pleat {
namespace {

Result<Graph> widened_graph(Graph graph, Arithmetic arithmetic);

/// A Constant's value_float and value_floats are float by definition: in double they become a tensor.
Status widen_numbers(Attribute& attribute, Arithmetic arithmetic) {
  if (arithmetic != Arithmetic::kDouble) return {};
  Tensor tensor;
  if (const auto* number = std::get_if<float>(&attribute.value)) {
    tensor = Tensor::scalar(*number);
  } else if (const auto* numbers = std::get_if<std::vector<float>>(&attribute.value)) {
    tensor = Tensor::of(Shape{static_cast<std::int64_t>(numbers->size())}, *numbers);
  } else {
    return {};
  }
  PLEAT_ASSIGN(tensor, widened(tensor, arithmetic));
  attribute = Attribute::tensor("value", std::move(tensor));
  return {};
}

Status widen_attribute(Attribute& attribute, bool names_a_type, Arithmetic arithmetic) {
  if (auto* tensor = std::get_if<Tensor>(&attribute.value)) {
    if (computed_as(tensor->dtype(), arithmetic) == tensor->dtype()) return {};
    PLEAT_ASSIGN(*tensor, widened(*tensor, arithmetic));
    attribute.encoded = {};
  } else if (const auto* number = std::get_if<std::int64_t>(&attribute.value); number != nullptr && names_a_type) {
    const DType computed = computed_as(static_cast<DType>(*number), arithmetic);
    attribute = Attribute::integer(attribute.name, static_cast<std::int64_t>(computed));
  } else if (auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value);
             inner != nullptr && *inner != nullptr) {
    PLEAT_ASSIGN(Graph graph, widened_graph(**inner, arithmetic));
    *inner = std::make_shared<Graph>(std::move(graph));
  }
  return {};
}

void widen_infos(std::vector<ValueInfo>& infos, Arithmetic arithmetic) {
  for (ValueInfo& info : infos) {
    const DType computed = computed_as(info.type.dtype, arithmetic);
    if (computed == info.type.dtype) continue;
    info.type.dtype = computed;
    info.encoded_type.clear();
  }
}

Result<Graph> widened_graph(Graph graph, Arithmetic arithmetic) {
  for (Initializer& initializer : graph.initializers) {
    PLEAT_ASSIGN(initializer.tensor, widened(initializer.tensor, arithmetic));
    initializer.encoded = {};
  }
  for (auto* infos : {&graph.inputs, &graph.outputs, &graph.value_info}) widen_infos(*infos, arithmetic);
  for (Node& node : graph.nodes) {
    PLEAT_ASSIGN(node, widened(std::move(node), arithmetic));
  }
  return graph;
}

template <class To, class From>
void convert(const Tensor& from, Tensor& to, double (*read)(From)) {
  const auto* values = reinterpret_cast<const From*>(from.bytes().data());
  auto out = to.mutable_data<To>();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<To>(read(values[i]));
}

template <class To>
void convert(const Tensor& from, Tensor& to) {
  switch (from.dtype()) {
    case DType::kFloat16: return convert<To, std::uint16_t>(from, to, half_to_double);
    case DType::kBfloat16: return convert<To, std::uint16_t>(from, to, bfloat16_to_double);
    default: std::ranges::copy(from.data<float>(), to.mutable_data<To>().begin());
  }
}

}  // namespace

DType computed_as(DType stored, Arithmetic arithmetic) {
  if (!is_floating(stored)) return stored;
  if (arithmetic == Arithmetic::kDouble || stored == DType::kDouble) return DType::kDouble;
  return DType::kFloat;
}

Result<Tensor> widened(const Tensor& tensor, Arithmetic arithmetic) {
  const DType computed = computed_as(tensor.dtype(), arithmetic);
  if (computed == tensor.dtype()) return tensor;
  PLEAT_ASSIGN(Tensor out, Tensor::allocate(computed, tensor.shape()));
  if (computed == DType::kDouble)
    convert<double>(tensor, out);
  else
    convert<float>(tensor, out);
  return out;
}

Result<Node> widened(Node node, Arithmetic arithmetic) {
  const bool constant = node.is("Constant");
  for (Attribute& attribute : node.attributes) {
    if (constant) PLEAT_TRY(widen_numbers(attribute, arithmetic));
    const bool names_a_type = (node.is("Cast") && attribute.name == "to") || attribute.name == "dtype";
    PLEAT_TRY(widen_attribute(attribute, names_a_type, arithmetic));
  }
  return node;
}

}  // namespace pleat
