#pragma once

#include "converter/fold/affine.h"
#include "converter/fold/constants.h"
#include "converter/fold/fold_map.h"

namespace pleat {

/// A BatchNormalization as the channel-wise map it is in inference.
struct BatchNormStep {
  Affine affine;
  ChannelFacts facts;
};

/// A BatchNormalization's map, or why it is none: gates 1 to 3 (its mode under its own opset, its outputs, its
/// parameters), in that order. The length of the parameters is proven only against each other.
Attempt<BatchNormStep> batch_norm_step(const FoldContext& context, std::size_t position);

/// Whether the node normalizes by its batch, under the rules of `opset`; the refusal says why (F01, F04, F05).
Attempt<void> check_inference(const Node& node, std::int64_t opset);

/// The same node in inference mode, outputs besides the first dropped.
Node as_inference(Node node, std::int64_t opset);

}  // namespace pleat
