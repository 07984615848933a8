#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// Who makes and who reads each value of one graph, captures by inner graphs included. A snapshot: it refers to the
/// graph's nodes by position and is void once the graph changes.
class Uses {
 public:
  struct Reader {
    std::size_t node;  ///< position in graph.nodes
    int input;         ///< position among its inputs, -1 for a capture by one of its inner graphs
  };

  explicit Uses(const Graph& graph);

  /// Position of the node that makes `value`, or nothing for inputs, initializers and outer values.
  std::optional<std::size_t> producer(const std::string& value) const;
  const std::vector<Reader>& readers(const std::string& value) const;
  bool is_graph_output(const std::string& value) const;

 private:
  std::unordered_map<std::string, std::size_t> producers_;
  std::unordered_map<std::string, std::vector<Reader>> readers_;
  std::unordered_map<std::string, bool> outputs_;
};

/// Every name a graph and its inner graphs define or read: what a new name must avoid.
std::vector<std::string> all_names(const Graph& graph);

}  // namespace pleat
