#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "converter/verify/evaluator.h"

namespace pleat {

/// A node whose output jumps where its input crosses a border: ArgMax, TopK, Round, a comparison … Both networks hold
/// it, told by the name of its output.
struct Decision {
  std::size_t unfolded = 0;                  ///< position among the nodes of the unfolded network
  std::size_t folded = 0;                    ///< and of the folded one
  std::vector<std::string> outputs;          ///< those that jump; the same names in both
  std::vector<std::string> unfolded_inputs;  ///< those that change with the network's inputs
  std::vector<std::string> folded_inputs;    ///< the same in the folded network
};

/// The nodes of `unfolded` whose output jumps with the network's inputs and that `folded` holds as well, in node order.
/// What is computed from shapes and constants alone is left out: it is the same for both.
std::vector<Decision> find_decisions(const Graph& unfolded, const Graph& folded);

/// How the decisions of one node came out in one run.
struct DecisionCount {
  std::int64_t decisions = 0;
  std::int64_t flipped = 0;
  std::int64_t close = 0;
  std::int64_t unexplained = 0;
  double smallest_margin = 0;  ///< infinite where the operator's margins are not known
  double tolerance = 0;        ///< what the margins were held against
};

/// What two networks decided at one node, and what to judge it by.
struct DecisionCase {
  const Node& node;
  std::int64_t opset;
  const std::string& output;
  const Tensor& unfolded;      ///< `output` as the unfolded network decided
  const Tensor& folded;        ///< and as the folded one did
  std::vector<Tensor> inputs;  ///< of the node, in double where they are floating point; an omitted one is Tensor{}
  double tolerance;            ///< how far the inputs may be off, added up over the inputs
};

/// Margins are the distance of an input from the border where single values cross one, and the lead of the winner
/// where values compete (ArgMax, ArgMin, TopK, Hardmax), held against twice the tolerance since both may be off. A flip
/// with a larger margin is not explained. Where an operator's margins are not known (NonMaxSuppression …) any flip
/// counts as close: the inputs are compared by themselves.
DecisionCount count_decisions(const DecisionCase& one);

}  // namespace pleat
