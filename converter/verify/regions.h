#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "converter/fold/draft.h"  // name_of
#include "runtime/graph/model.h"

namespace pleat {

/// The part of two models in which they differ, cut out of both at values they share. `unfolded` and `folded` compute
/// the same outputs from the same inputs if the rewrite is right; each holds its own nodes and the constants they read
/// (Constant nodes as initializers), shared with the models.
struct Region {
  std::string graph;                 ///< "" for the outermost graph, else the way to the inner one: "if1.then_branch"
  std::vector<std::string> inputs;   ///< values read that are no constants
  std::vector<std::string> outputs;  ///< values made that the rest of both models reads
  Model unfolded;
  Model folded;
  std::vector<std::string> batch_norms;    ///< of the unfolded part that the folded one lacks: node names, else outputs
  std::vector<std::string> targets;        ///< nodes of the folded part that read constants the unfolded model lacks
  std::vector<std::string> new_constants;  ///< those constants, floating-point ones only
  std::map<std::string, TensorType> annotations;  ///< what either model says of inputs

  /// "bn1 into conv1", or the first node where no BatchNormalization is gone.
  std::string label() const;
};

struct ModelDifference {
  std::vector<Region> regions;        ///< outermost graph first, each graph's in the order of its nodes
  std::vector<std::string> unmapped;  ///< one sentence for each place where the models share no value to cut at
  std::vector<std::pair<const Node*, const Node*>> common;  ///< nodes of both models, inner graphs included
  std::int64_t batch_norms_gone = 0;
};

struct CompareOptions {
  /// A value of one name in both models is held to be the same function of the inputs wherever it occurs, as our own
  /// folder promises: regions are cut there and thus small. Otherwise only where an unchanged node reads it.
  bool names_are_functions = false;
  /// Initializers that are graph inputs too count as constants.
  bool freeze_inputs = false;
};

/// Nodes with equal outputs, operator, attributes and inputs (constants by content, whatever their names) are common
/// to both models; the others are changed, and changed nodes joined by values that are no border make a region. Border
/// values are made or given in both models and read by a common node of both or handed out. Inner graphs of otherwise
/// equal nodes are compared in the same way. Nodes on which no output of their graph depends do not count.
/// Holds no copy of any constant.
ModelDifference difference(const Model& unfolded, const Model& folded, const CompareOptions& options = {});

}  // namespace pleat
