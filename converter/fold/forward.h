#pragma once

#include "converter/fold/draft.h"

namespace pleat {

/// What a rule is asked for: input `input` of `node` was map(source) and is to be `source`; the node's outputs keep
/// their meaning, or hand the map on.
struct Handover {
  std::size_t node = 0;
  std::size_t input = 0;
  AxisAffine map;
  std::string source;
};

/// Carries a map from the node that applies it on to every layer that reads its output: all take it over, or none.
class Forward {
 public:
  explicit Forward(const FoldContext& context) : draft(context), context_(&context) {}

  /// Every reader of `value`, which is map(source), reads `source` and applies the map itself.
  Attempt<void> hand_on(const std::string& value, const AxisAffine& map, const std::string& source);

  const FoldContext& context() const { return *context_; }
  const Node& node(std::size_t position) const { return context_->node(position); }

  Draft draft;

 private:
  const FoldContext* context_;
};

using ForwardRule = Attempt<void> (*)(Forward& walk, const Handover& handover);

// Layers
Attempt<void> take_conv(Forward& walk, const Handover& handover);
Attempt<void> take_conv_transpose(Forward& walk, const Handover& handover);
Attempt<void> take_gemm(Forward& walk, const Handover& handover);
Attempt<void> take_matmul(Forward& walk, const Handover& handover);
// Nodes that let the map pass
Attempt<void> carry_arithmetic(Forward& walk, const Handover& handover);
Attempt<void> carry_identity(Forward& walk, const Handover& handover);
Attempt<void> carry_dropout(Forward& walk, const Handover& handover);
Attempt<void> carry_transpose(Forward& walk, const Handover& handover);
Attempt<void> carry_reshape(Forward& walk, const Handover& handover);
Attempt<void> carry_squeeze(Forward& walk, const Handover& handover);
Attempt<void> carry_pool(Forward& walk, const Handover& handover);
Attempt<void> carry_pad(Forward& walk, const Handover& handover);
Attempt<void> carry_resize(Forward& walk, const Handover& handover);

}  // namespace pleat
