#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace pleat {

/// One node between a layer and the end of its fold that became part of the layer: a BatchNormalization, or an Add of
/// a constant. Names are those of the unfolded model.
struct FoldStep {
  std::string node;
  std::string op_type;
  std::string output;
  std::string scale, bias, mean, variance;  ///< BatchNormalization's inputs 1 to 4
  float epsilon = 0;
  std::string constant;  ///< Add's constant operand
};

/// What the scales of one fold look like. Channels are told by number.
struct ChannelFacts {
  std::int64_t channels = 0;
  double min_scale = 0;                         ///< smallest |γ/√(σ²+ε)|
  double max_scale = 0;                         ///< largest
  std::vector<std::int64_t> dead;               ///< γ = 0: the output is constant
  std::vector<std::int64_t> amplifying;         ///< σ² ≤ ε: the scale is set by ε, not by data
  std::vector<std::int64_t> negative_variance;  ///< σ² < 0 < σ²+ε: legal, but no variance
  std::int64_t flushed = 0;                     ///< folded values below the smallest normal float, set to 0
};

/// What became of one BatchNormalization.
struct FoldEntry {
  std::string graph;       ///< "" for the model's graph, else the way to the inner graph: "if1.then_branch"
  std::string batch_norm;  ///< node name, or its output where it has none
  std::string output;      ///< the value it makes; survives folding
  bool folded = false;
  std::string code;    ///< row of the reason table: "F31" for a fold, "F39" for a refusal
  std::string reason;  ///< one sentence
  std::string remedy;  ///< for a refusal that the owner of the model can lift; may be empty
  ChannelFacts facts;  ///< where the parameters could be read

  // Only where folded:
  std::string into;             ///< output of the later BatchNormalization folded in the same step, if there is one:
                                ///< then the fields below stand in that one's entry
  std::string target;           ///< layer node, same name in both models
  std::string target_op;        ///< Conv, Gemm or MatMul
  std::string input;            ///< value the layer reads, same name in both models
  std::string producer_output;  ///< value of the unfolded model that is gone
  std::string old_weight, old_bias;
  std::string new_weight, new_bias;  ///< initializers of the folded model
  std::string add_node;              ///< node that adds new_bias, for a layer without a bias input
  std::vector<FoldStep> steps;       ///< what was absorbed, in the order of data
};

struct FoldMap {
  std::vector<FoldEntry> entries;  ///< one per BatchNormalization, in node order, inner graphs after their node

  std::int64_t folded() const;
  std::int64_t kept() const { return static_cast<std::int64_t>(entries.size()) - folded(); }
};

}  // namespace pleat
