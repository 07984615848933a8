#pragma once

#include <string>

#include "runtime/graph/model.h"
#include "runtime/graph/uses.h"

namespace pleat {

/// Why something could not be folded; `detail` names the values concerned.
struct Refusal {
  std::string code;
  std::string detail;
  std::string remedy;
};
template <class T>
using Attempt = tl::expected<T, Refusal>;

[[nodiscard]] inline tl::unexpected<Refusal> refuse(std::string code, std::string detail, std::string remedy = {}) {
  return tl::unexpected<Refusal>({std::move(code), std::move(detail), std::move(remedy)});
}

/// One graph of a model as the folding patterns see it. Refers to both; void once the graph changes.
struct FoldContext {
  FoldContext(const Model& whole, const Graph& part) : model(whole), graph(part), uses(part) {}

  const Model& model;
  const Graph& graph;
  Uses uses;
};

/// The elements of a value that no caller can change: an initializer that is not also an input, or a Constant node.
/// `otherwise` is the code of the refusal for a value computed or given at run time; an initializer that a caller may
/// override is F56, a constant of an unreadable kind F49, one behind a Cast F51, behind DequantizeLinear F52.
Attempt<Tensor> constant(const FoldContext& context, const std::string& value, const std::string& role,
                         const std::string& otherwise);

/// The elements as doubles; F24 where one is NaN or infinite.
Attempt<std::vector<double>> finite_values(const Tensor& tensor, const std::string& value, const std::string& role);

}  // namespace pleat
