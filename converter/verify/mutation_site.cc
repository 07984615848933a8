#include "converter/verify/mutation_site.h"

#include <algorithm>
#include <functional>

#include "converter/fold/draft.h"
#include "runtime/graph/patch.h"

namespace pleat {
namespace {

/// Whether a graph, reached by `path`, is the one sought.
using Sought = std::function<bool(const std::string& path, const Graph& graph)>;

bool find_graph(const Graph& graph, const std::string& path, const Sought& sought, GraphSite& site) {
  if (sought(path, graph)) return true;
  for (std::size_t n = 0; n < graph.nodes.size(); ++n) {
    const Node& node = graph.nodes[n];
    for (std::size_t a = 0; a < node.attributes.size(); ++a) {
      const Graph* inner = node.attributes[a].graph();
      if (inner == nullptr) continue;
      site.emplace_back(n, a);
      const std::string step = name_of(node) + "." + node.attributes[a].name;
      if (find_graph(*inner, path.empty() ? step : path + "/" + step, sought, site)) return true;
      site.pop_back();
    }
  }
  return false;
}

bool defines(const Graph& graph, const std::string& value) {
  return graph.initializer(value) != nullptr || std::ranges::any_of(graph.nodes, [&](const Node& node) {
           return std::ranges::find(node.outputs, value) != node.outputs.end();
         });
}

/// The graphs on the way, the model's own first, the one meant last.
std::vector<const Graph*> graphs_to(const Model& model, const GraphSite& site) {
  std::vector<const Graph*> graphs = {&model.graph};
  for (const auto& [node, attribute] : site) graphs.push_back(graphs.back()->nodes[node].attributes[attribute].graph());
  return graphs;
}

}  // namespace

std::optional<GraphSite> site_of(const Model& model, const std::string& path, const std::string& value) {
  GraphSite site;
  const bool found = find_graph(
      model.graph, "",
      [&](const std::string& reached, const Graph& graph) { return reached == path && defines(graph, value); }, site);
  return found ? std::optional(std::move(site)) : std::nullopt;
}

const Graph& graph_at(const Model& model, const GraphSite& site) { return *graphs_to(model, site).back(); }

Graph& open_graph(Model& model, const GraphSite& site) {
  Graph* graph = &model.graph;
  for (const auto& [node, attribute] : site) {
    auto& inner = std::get<std::shared_ptr<Graph>>(graph->nodes[node].attributes[attribute].value);
    inner = std::make_shared<Graph>(*inner);
    graph = inner.get();
  }
  return *graph;
}

FoldContext context_at(const Model& model, const GraphSite& site, const FoldOptions& options) {
  std::vector<const Graph*> around = graphs_to(model, site);
  const Graph& own = *around.back();
  around.pop_back();
  return FoldContext(model, own, options, std::move(around));
}

void set_constant(Model& model, const std::string& name, Tensor tensor) {
  GraphSite site;
  const auto holds = [&](const std::string&, const Graph& graph) { return graph.initializer(name) != nullptr; };
  if (!find_graph(model.graph, "", holds, site)) return;
  for (Initializer& initializer : open_graph(model, site).initializers) {
    if (initializer.name != name) continue;
    initializer.tensor = std::move(tensor);
    initializer.encoded = {};
    return;
  }
}

std::string add_constant(Model& model, const std::string& wanted, Tensor tensor) {
  std::string name = fresh_name(model, wanted);
  model.graph.initializers.push_back({name, std::move(tensor), {}, {}});
  return name;
}

}  // namespace pleat
