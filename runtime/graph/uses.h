#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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
  std::unordered_set<std::string> outputs_;
};

/// The names that `graph` reads and does not define: for an inner graph, its captures.
std::set<std::string> captures(const Graph& graph);

/// The names that the inner graphs of `node` take from around it.
std::set<std::string> captures(const Node& node);

/// Every value that a graph and its inner graphs define or read, each once.
std::vector<std::string> value_names(const Graph& graph);

/// Those and the names of the nodes: what a new name must avoid.
std::vector<std::string> all_names(const Graph& graph);

/// The same of a whole model, the insides of its functions included.
std::vector<std::string> all_names(const Model& model);

}  // namespace pleat
