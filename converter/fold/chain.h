#pragma once

#include "converter/fold/batch_norm.h"

namespace pleat {

/// A layer and the channel-wise nodes after it, up to one BatchNormalization: nothing outside sees the values between.
struct AffineChain {
  std::size_t layer = 0;          ///< position of the Conv, Gemm or MatMul
  std::vector<AffineStep> steps;  ///< in the order of data; the last is the BatchNormalization asked for
  Affine affine;                  ///< all steps as one map
  std::string output;             ///< the last step's output

  const Node& node(const FoldContext& context) const { return context.graph.nodes[layer]; }
};

/// Walks back from the BatchNormalization at `position` over BatchNormalizations (and, behind a MatMul, Adds of a
/// constant) to a layer. Gates 4 and 5: every node on the way is linear, and is read by the next one alone.
Attempt<AffineChain> chain_to(const FoldContext& context, std::size_t position);

/// The Add at `position` as a step of `channels` channels, where its constant operand broadcasts along the last axis of
/// a rank-2 value: shape [], [1], [C], [1,1] or [1,C].
Attempt<AffineStep> bias_add_step(const FoldContext& context, std::size_t position, std::size_t channels);

}  // namespace pleat
