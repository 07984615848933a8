#pragma once

#include <string>
#include <vector>

#include "converter/fold/fold.h"
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

/// One graph of a model as the folding rules see it. Refers to all of them; void once the graph changes.
struct FoldContext {
  FoldContext(const Model& whole, const Graph& part, const FoldOptions& how = {}, std::vector<const Graph*> around = {},
              const ExactConstants* folded = nullptr)
      : model(whole), graph(part), options(how), outer(std::move(around)), exact(folded), uses(part) {}

  const Model& model;
  const Graph& graph;
  FoldOptions options;
  std::vector<const Graph*> outer;  ///< the graphs around this one, outermost first
  const ExactConstants* exact;      ///< constants that earlier folds brought; may be null
  Uses uses;

  const Node& node(std::size_t position) const { return graph.nodes[position]; }
  /// The node that makes `value` in this graph, or null.
  const Node* maker(const std::string& value) const {
    const auto producer = uses.producer(value);
    return producer ? &graph.nodes[*producer] : nullptr;
  }
};

/// The elements of a value that no caller can change: an initializer that is not also an input, a Constant node, or
/// what operators that only move or convert elements make of such. Inner graphs see the constants around them.
/// `otherwise` is the code of the refusal for a value computed or given at run time; an initializer that a caller may
/// override is F56, a constant of an unreadable kind F49, one behind DequantizeLinear F52, a loop's variable F119.
Attempt<Tensor> constant(const FoldContext& context, const std::string& value, const std::string& role,
                         const std::string& otherwise);

/// The same, before rounding where an earlier fold brought it, so that constants folded twice are rounded once.
Attempt<ExactConstant> exact_constant(const FoldContext& context, const std::string& value, const std::string& role,
                                      const std::string& otherwise);

/// Whether `node` is of the kinds that `constant` looks through: a Constant, or one that makes constants of constants.
bool may_make_constants(const Node& node);

/// The elements of an integer constant; nothing for what is none.
std::optional<std::vector<std::int64_t>> constant_integers(const FoldContext& context, const std::string& value);

/// The elements as doubles; F24 where one is NaN or infinite.
Attempt<std::vector<double>> finite_values(const Tensor& tensor, const std::string& value, const std::string& role);

bool is_floating(DType dtype);

}  // namespace pleat
