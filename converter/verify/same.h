#pragma once

#include "runtime/graph/model.h"

namespace pleat {

/// Equality as ONNX means it: attributes in any order, "" and "ai.onnx" being one domain, tensors by their elements'
/// bits. Documentation and names of nodes do not count.
bool same_tensor(const Tensor& a, const Tensor& b);
bool same_constant(const Initializer& a, const Initializer& b);
bool same_operator(const Node& a, const Node& b);
bool same_type(const TensorType& a, const TensorType& b);
bool same_infos(const std::vector<ValueInfo>& a, const std::vector<ValueInfo>& b);
bool same_graph(const Graph& a, const Graph& b);
bool same_function(const Function& a, const Function& b);

enum class InnerGraphs { kCompare, kIgnore };
bool same_attributes(const Node& a, const Node& b, InnerGraphs inner = InnerGraphs::kCompare);

}  // namespace pleat
