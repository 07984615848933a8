#pragma once

#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// A node before and after folding, or one that is on one side only. Points into the two graphs.
struct NodePair {
  const Node* before = nullptr;
  const Node* after = nullptr;

  bool same() const;  ///< on both sides, with the same operator and values
};

/// Every node of both graphs, those that correspond side by side: all of `before` in their order, then those of `after`
/// that have no counterpart.
std::vector<NodePair> paired(const Graph& before, const Graph& after);

}  // namespace pleat
