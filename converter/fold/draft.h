#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "converter/fold/axis_affine.h"
#include "converter/fold/constants.h"
#include "runtime/graph/patch.h"

namespace pleat {

/// One fold being planned: nothing of the graph changes until its patch is applied, and a copy of the draft is all it
/// takes to go back. Positions are those of the context's graph.
class Draft {
 public:
  explicit Draft(const FoldContext& context);

  /// The node as it will be; changing its outputs renames what it makes.
  Node& replaced(std::size_t position);
  void remove(std::size_t position);
  void insert_after(std::size_t position, Node node);

  /// A name that neither the model nor this draft uses.
  std::string fresh(const std::string& wanted);

  /// Rounds the constant and gives it a fresh name; F28 where a value does not fit its type.
  Attempt<std::string> add_constant(const std::string& wanted, ExactConstant constant);

  /// How many nodes the graph loses.
  std::int64_t saved_nodes() const;

  struct Finished {
    Patch patch;
    ExactConstants constants;
  };
  Finished finish(std::string reason) &&;

  // What the fold map will say.
  std::string code;                   ///< of the first remarkable thing on the way, else of the layer
  std::vector<std::string> targets;   ///< layers that took the map over
  std::vector<std::string> absorbed;  ///< outputs of the BatchNormalizations that went along
  /// Old and new output of a BatchNormalization that stays and took the map over.
  std::optional<std::pair<std::string, std::string>> renamed;
  std::int64_t flushed = 0;

  void mark(const char* row) {
    if (code.empty()) code = row;
  }

 private:
  const FoldContext* context_;
  std::map<std::size_t, Node> replaced_;
  std::set<std::size_t> removed_;
  std::vector<std::pair<std::size_t, Node>> inserted_;
  std::vector<Initializer> initializers_;
  ExactConstants constants_;
  std::shared_ptr<const std::set<std::string>> taken_;
  std::set<std::string> fresh_;
};

/// The name a node goes by: its own, or its first output's.
std::string name_of(const Node& node);

}  // namespace pleat
