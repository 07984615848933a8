#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "converter/fold/constants.h"
#include "runtime/graph/model.h"

namespace pleat {

/// The way from a model's own graph to an inner one: positions of the node and of its attribute, step by step.
using GraphSite = std::vector<std::pair<std::size_t, std::size_t>>;

/// The graph at `path` (Region::graph) that defines `value`, or nothing.
std::optional<GraphSite> site_of(const Model& model, const std::string& path, const std::string& value);
const Graph& graph_at(const Model& model, const GraphSite& site);
/// The graph meant, for changes: what models share on the way is copied first.
Graph& open_graph(Model& model, const GraphSite& site);

/// The graph meant as the folding rules see it. Refers to `model`.
FoldContext context_at(const Model& model, const GraphSite& site, const FoldOptions& options);

/// Replaces the initializer of this name, in whichever graph it is.
void set_constant(Model& model, const std::string& name, Tensor tensor);
/// Adds an initializer to the model's own graph, where all inner graphs see it; gives its name.
std::string add_constant(Model& model, const std::string& wanted, Tensor tensor);

}  // namespace pleat
