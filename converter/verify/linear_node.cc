#include "converter/verify/linear_node.h"

#include <algorithm>

#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

std::int64_t matrix_products(const Node& node, std::size_t index, const Shape& shape) {
  if (node.is("Gemm")) {
    AttributeReader attributes(node);
    const bool transposed = attributes.integer(index == 0 ? "transA" : "transB", 0) != 0;
    return shape[(index == 0) != transposed ? 1 : 0];
  }
  return index == 0 || shape.rank() == 1 ? shape[shape.rank() - 1] : shape[shape.rank() - 2];
}

}  // namespace

bool is_linear(const Node& node) {
  return node.is("Conv") || node.is("ConvTranspose") || node.is("Gemm") || node.is("MatMul");
}

std::optional<std::int64_t> products_per_output(const Node& node, std::size_t index, const Shape& shape) {
  if (!is_linear(node) || index > 1 || shape.elements() == 0) return std::nullopt;
  if (node.is("Conv") || node.is("ConvTranspose")) {
    if (index != 1 || shape.rank() < 3) return std::nullopt;
    if (node.is("Conv")) return shape.elements() / shape[0];
    AttributeReader attributes(node);
    const std::int64_t group = std::max<std::int64_t>(1, attributes.integer("group", 1));
    return std::max<std::int64_t>(1, shape.elements() / shape[1] / group);
  }
  if (shape.rank() < 1 || (node.is("Gemm") && shape.rank() != 2)) return std::nullopt;
  return matrix_products(node, index, shape);
}

const Tensor* stored_constant(const Graph& graph, const std::string& name) {
  if (const Initializer* initializer = graph.initializer(name))
    return initializer->tensor.present() ? &initializer->tensor : nullptr;
  for (const Node& node : graph.nodes) {
    if (!node.is("Constant") || node.outputs.empty() || node.outputs[0] != name) continue;
    const Attribute* value = node.attribute("value");
    return value != nullptr ? std::get_if<Tensor>(&value->value) : nullptr;
  }
  return nullptr;
}

std::optional<LinearWeight> stored_weight(const Graph& graph, const Node& node) {
  for (const std::size_t index : {std::size_t{1}, std::size_t{0}}) {
    if (node.inputs.size() <= index || node.inputs[index].empty()) continue;
    const Tensor* weight = stored_constant(graph, node.inputs[index]);
    if (weight == nullptr) continue;
    if (const auto products = products_per_output(node, index, weight->shape())) return LinearWeight{index, *products};
  }
  return std::nullopt;
}

}  // namespace pleat
