#pragma once

#include "converter/fold/affine.h"
#include "converter/fold/constants.h"
#include "converter/fold/fold_map.h"

namespace pleat {

/// A node as the channel-wise map it is in inference: what it reads, what it does, and its line in the fold map.
struct AffineStep {
  std::size_t node = 0;  ///< position in the graph
  std::string input;
  Affine affine;
  FoldStep record;
  ChannelFacts facts;
};

/// A BatchNormalization's step, or why it is none: gates 1 to 3 (its mode under its own opset, its outputs, its
/// parameters), in that order. The length of the parameters is proven only against each other.
Attempt<AffineStep> batch_norm_step(const FoldContext& context, std::size_t position);

}  // namespace pleat
