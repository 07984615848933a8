#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// What the names of one graph stand for: constants, given values and values made by nodes, its own before those of the
/// graphs around it. Constant nodes are constants, not nodes. Refers to model and graph.
class Scope {
 public:
  /// `freeze`: initializers that are graph inputs too are constants (they always are below IR version 4).
  Scope(const Model& model, const Graph& graph, const Scope* outer, bool freeze);

  const Model& model() const { return model_; }
  const Graph& graph() const { return graph_; }
  const Scope* outer() const { return outer_; }

  /// The constant of this name here or around, or null.
  const Initializer* constant(const std::string& name) const;
  /// Whether this graph itself defines the name.
  bool defines(const std::string& name) const;
  bool is_given(const std::string& name) const { return given_.contains(name); }
  bool is_output(const std::string& name) const { return outputs_.contains(name); }
  /// The node of this graph that makes the value, or null; Constant nodes make none.
  const Node* maker(const std::string& name) const;
  /// What this graph or those around it declare of the value, or null.
  const TensorType* annotation(const std::string& name) const;

  /// Nodes on which an output of the graph depends, in order, Constant nodes left out.
  const std::vector<const Node*>& nodes() const { return nodes_; }
  /// Names that `node` reads, those taken by its inner graphs included.
  static std::vector<std::string> reads(const Node& node);

 private:
  void read_constants(bool freeze);
  void find_live_nodes();

  const Model& model_;
  const Graph& graph_;
  const Scope* outer_;
  std::unordered_map<std::string_view, const Initializer*> constants_;
  std::deque<Initializer> of_nodes_;  ///< made of Constant nodes
  std::unordered_set<std::string_view> given_, outputs_;
  std::unordered_map<std::string_view, const Node*> makers_;
  std::unordered_map<std::string_view, const TensorType*> annotations_;
  std::vector<const Node*> nodes_;
};

/// The tensor of a Constant node, or nothing where it is of another kind (strings, sparse).
std::optional<Tensor> constant_value(const Node& node);

}  // namespace pleat
