#include "converter/fold/place.h"

#include "converter/fold/draft.h"

namespace pleat {
namespace {

void add_places(Graph& graph, const std::vector<const Graph*>& outer, const std::string& path,
                std::vector<Place>& places) {
  places.push_back({&graph, outer, path});
  std::vector<const Graph*> around = outer;
  around.push_back(&graph);
  for (Node& node : graph.nodes) {
    for (Attribute& attribute : node.attributes) {
      auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value);
      if (inner == nullptr || *inner == nullptr) continue;
      const std::string step = name_of(node) + "." + attribute.name;
      add_places(**inner, around, path.empty() ? step : path + "/" + step, places);
    }
  }
}

}  // namespace

void unshare(Graph& graph) {
  for (Node& node : graph.nodes) {
    for (Attribute& attribute : node.attributes) {
      auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value);
      if (inner == nullptr || *inner == nullptr) continue;
      *inner = std::make_shared<Graph>(**inner);
      unshare(**inner);
    }
  }
}

std::vector<Place> places_of(Model& model) {
  std::vector<Place> places;
  add_places(model.graph, {}, "", places);
  return places;
}

}  // namespace pleat
