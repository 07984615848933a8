#include <fmt/format.h>

#include "converter/fold/arithmetic.h"
#include "converter/fold/forward.h"
#include "converter/fold/moves.h"
#include "converter/fold/sizes.h"
#include "converter/fold/windows.h"

namespace pleat {
namespace {

/// The node stays, reads the source and hands `map` on from its output, which gets a new name.
Attempt<void> carry(Forward& walk, const Handover& handover, const AxisAffine& map) {
  const Node& node = walk.node(handover.node);
  if (handover.input != 0) return refuse("F114", fmt::format("{} reads it as no data", node.label()));
  const std::string name = walk.draft.fresh(node.outputs[0] + ".folded");
  Node& changed = walk.draft.replaced(handover.node);
  changed.inputs[0] = handover.source;
  changed.outputs[0] = name;
  return walk.hand_on(node.outputs[0], map, name);
}

}  // namespace

Attempt<void> carry_arithmetic(Forward& walk, const Handover& handover) {
  const Node& node = walk.node(handover.node);
  auto step = arithmetic_step(walk.context(), node);
  if (!step) return tl::unexpected(step.error());
  if (!*step || (*step)->input_index != handover.input)
    return refuse("F114", fmt::format("{} joins it with another value", node.label()));
  auto map = compose(handover.map, (*step)->map);
  if (!map) return refuse("F80", fmt::format("the constant of {} does not fit the channels", node.label()));
  walk.draft.remove(handover.node);
  return walk.hand_on(node.outputs[0], *map, handover.source);
}

Attempt<void> carry_identity(Forward& walk, const Handover& handover) { return carry(walk, handover, handover.map); }

Attempt<void> carry_dropout(Forward& walk, const Handover& handover) {
  if (auto quiet = is_dropout_at_rest(walk.context(), walk.node(handover.node)); !quiet) return quiet;
  return carry(walk, handover, handover.map);
}

Attempt<void> carry_transpose(Forward& walk, const Handover& handover) {
  auto perm = permutation_of(walk.context(), walk.node(handover.node), handover.map.extents.size());
  if (!perm) return tl::unexpected(perm.error());
  return carry(walk, handover, permuted(handover.map, *perm));
}

Attempt<void> carry_reshape(Forward& walk, const Handover& handover) {
  const Node& node = walk.node(handover.node);
  const auto before = sizes_of(walk.context(), node.inputs[0]);
  const auto after = sizes_of(walk.context(), node.outputs[0]);
  auto map = before && after ? regrouped(handover.map, *before, *after) : std::nullopt;
  if (!map)
    return refuse("F100", fmt::format("the shapes around {} are not known well enough", node.label()),
                  "add shape information to the model (ONNX shape inference)");
  walk.draft.mark("F100");
  return carry(walk, handover, *map);
}

Attempt<void> carry_squeeze(Forward& walk, const Handover& handover) {
  auto map = through_squeeze(walk.context(), walk.node(handover.node), handover.map, /*backward=*/false);
  if (!map) return tl::unexpected(map.error());
  return carry(walk, handover, *map);
}

Attempt<void> carry_pool(Forward& walk, const Handover& handover) {
  const Node& node = walk.node(handover.node);
  auto good = node.is("AveragePool") ? commutes_with_average_pool(node, handover.map)
              : node.is("MaxPool")   ? commutes_with_max_pool(walk.context(), node, handover.map)
                                     : commutes_with_global_pool(node, handover.map);
  if (!good) return good;
  return carry(walk, handover, handover.map);
}

/// Reflected and repeated values are like all others. A constant v stands for (v − t) / s before the map, which one
/// number can only be where all channels agree.
Attempt<void> carry_pad(Forward& walk, const Handover& handover) {
  const Node& node = walk.node(handover.node);
  auto pad = pad_of(walk.context(), node);
  if (!pad) return tl::unexpected(pad.error());
  if (auto good = check_padded_axes(*pad, node, handover.map); !good) return good;
  walk.draft.mark(pad->mode == "constant" ? "F109" : "F110");
  if (pad->mode == "constant" && !pad->pads_nothing()) {
    auto done = set_pad_value(walk.draft, walk.context(), handover.node, *pad, inverse(handover.map), "F109");
    if (!done) return done;
  }
  return carry(walk, handover, handover.map);
}

Attempt<void> carry_resize(Forward& walk, const Handover& handover) {
  if (auto good = commutes_with_resize(walk.context(), walk.node(handover.node), handover.map); !good) return good;
  return carry(walk, handover, handover.map);
}

}  // namespace pleat
