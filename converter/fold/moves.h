#pragma once

#include <optional>

#include "converter/fold/axis_affine.h"
#include "converter/fold/sizes.h"

namespace pleat {

/// A Dropout that passes its input on: by its attributes under its own opset, its mask unread. Else F85.
Attempt<void> is_dropout_at_rest(const FoldContext& context, const Node& node);

/// Transpose's perm: output axis i is input axis perm[i]. Without one, all axes reversed, which needs the rank (F99).
Attempt<std::vector<std::size_t>> permutation_of(const FoldContext& context, const Node& node, std::size_t least_rank);

/// A map on a value of sizes `from` as the map on the same elements under sizes `to`, where the two are proved to group
/// into axes of equal products, and within each group the map varies along whole axes. Else nothing.
std::optional<AxisAffine> regrouped(const AxisAffine& map, const Sizes& from, const Sizes& to);

/// A map through a Squeeze or Unsqueeze: from output to input where `backward`. F101 where its axes are not constant.
Attempt<AxisAffine> through_squeeze(const FoldContext& context, const Node& node, const AxisAffine& map, bool backward);

struct SliceSpec {
  std::vector<std::size_t> axes;
  std::vector<std::int64_t> starts, ends, steps;

  /// The positions that entry i keeps of an axis of `size`.
  std::vector<std::int64_t> positions(std::size_t i, std::int64_t size) const;
};
/// F103 where starts, ends, axes or steps are not constant.
Attempt<SliceSpec> slice_of(const FoldContext& context, const Node& node);

}  // namespace pleat
