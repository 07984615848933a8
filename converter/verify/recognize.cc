#include <algorithm>

#include "converter/verify/verify.h"

namespace pleat {
namespace {

void add_constants(const Graph& graph, std::map<std::string, Shape>& shapes) {
  for (const Initializer& initializer : graph.initializers)
    shapes.emplace(initializer.name, initializer.tensor.shape());
  for (const Node& node : graph.nodes)
    for (const Attribute& attribute : node.attributes)
      if (const Graph* inner = attribute.graph()) add_constants(*inner, shapes);
}

std::map<std::string, Shape> constants_of(const Model& model) {
  std::map<std::string, Shape> shapes;
  add_constants(model.graph, shapes);
  return shapes;
}

}  // namespace

Result<std::optional<ExactConstants>> recognize(const Model& unfolded, const Model& folded,
                                                const FoldOptions& options) {
  PLEAT_ASSIGN(FoldResult ours, fold(unfolded, options));
  const bool same = !ours.constants.empty() && constants_of(ours.folded) == constants_of(folded);
  if (!same) return std::optional<ExactConstants>();
  return std::optional(std::move(ours.constants));
}

}  // namespace pleat
