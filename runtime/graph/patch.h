#pragma once

#include <string>
#include <utility>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// One rewrite of one graph, applied whole or not at all. Constants are never edited in place: a patch brings new
/// initializers and nodes, and takes away or replaces nodes; initializers nobody reads any more leave by themselves
/// when this patch made them so.
struct Patch {
  std::string reason;                     ///< "fold bn1 into conv1"
  std::vector<std::size_t> remove_nodes;  ///< positions in graph.nodes
  /// A changed node for a position in graph.nodes; it stands where the old one stood and may rename its outputs.
  std::vector<std::pair<std::size_t, Node>> replace_nodes;
  /// A new node, right behind the node at a position in graph.nodes; several for one position keep their order.
  std::vector<std::pair<std::size_t, Node>> insert_nodes;
  /// Placed where the last removed node stood; where none is removed, before the first replaced one, else at the end.
  std::vector<Node> add_nodes;
  std::vector<Initializer> add_initializers;
};

/// Checks the patch against the graph (fresh names, every value still made exactly once) and applies it.
/// On failure the graph is as before.
Status apply(Patch patch, Graph& graph);

/// `wanted`, or wanted with the first free suffix _1, _2, … among the names of `graph`.
std::string fresh_name(const Graph& graph, const std::string& wanted);

/// The same among all names of `model`: its graph, inner graphs and functions.
std::string fresh_name(const Model& model, const std::string& wanted);

}  // namespace pleat
