#pragma once

#include <string>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// One graph of a model: its own or an inner one, with the way to it. Pointers stay while nodes come and go.
struct Place {
  Graph* graph = nullptr;
  std::vector<const Graph*> outer;  ///< outermost first
  std::string path;                 ///< "" or "if1.then_branch/loop1.body"
};

/// Gives the graph inner graphs of its own, so that they may change.
void unshare(Graph& graph);

/// The model's graph, then the inner ones in node order, each after the graph around it.
std::vector<Place> places_of(Model& model);

}  // namespace pleat
