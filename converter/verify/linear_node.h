#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/graph/model.h"

namespace pleat {

/// A weight of a layer that sums products: Conv, ConvTranspose, Gemm, MatMul.
struct LinearWeight {
  std::size_t input;          ///< which input of the node
  std::int64_t products = 1;  ///< K: products per output element
};

bool is_linear(const Node& node);

/// Products per output element where input `index` of a linear node has this shape; nothing where that input is no
/// weight or the shape fits no such node.
std::optional<std::int64_t> products_per_output(const Node& node, std::size_t index, const Shape& shape);

/// The constant that the graph holds under this name, as an initializer or a Constant's `value`; else nothing.
const Tensor* stored_constant(const Graph& graph, const std::string& name);

/// The weight of a linear node of `graph` that is a constant there, if there is one.
std::optional<LinearWeight> stored_weight(const Graph& graph, const Node& node);

}  // namespace pleat
