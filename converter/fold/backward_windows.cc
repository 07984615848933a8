#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/backward.h"
#include "converter/fold/sizes.h"
#include "converter/fold/windows.h"
#include "runtime/graph/attributes.h"

namespace pleat {

Attempt<void> absorb_average_pool(Backward& walk, const Request& request) {
  if (auto good = commutes_with_average_pool(walk.node(request.node), request.map); !good) return good;
  walk.draft.mark("F91");
  return pass_on(walk, request, 0, request.map);
}

Attempt<void> absorb_global_average_pool(Backward& walk, const Request& request) {
  if (auto good = commutes_with_global_pool(walk.node(request.node), request.map); !good) return good;
  walk.draft.mark("F92");
  return pass_on(walk, request, 0, request.map);
}

Attempt<void> absorb_reduce_mean(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  const FoldContext& context = walk.context();
  AttributeReader attributes(node);
  const auto refused = [&](const char* why) { return refuse("F92", fmt::format("{} {}", node.label(), why)); };
  const auto rank = rank_of(context, node.inputs[0]);
  if (!rank) return refused("reduces a value whose number of axes is not known");
  const auto axes = axes_of(context, node, *rank);
  if (!axes) return refused("has axes that are not constant");
  const bool all = axes->empty() && attributes.integer("noop_with_empty_axes", 0) == 0;
  const bool keeps = attributes.integer("keepdims", 1) != 0;
  std::vector<std::int64_t> extents;
  std::size_t from = 0;
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(*rank); ++axis) {
    const bool reduced = all || std::ranges::find(*axes, axis) != axes->end();
    if (reduced && keeps && request.map.varies(axis)) return refused("averages over the normalized axis");
    extents.push_back(reduced && !keeps ? 1 : request.map.extent(keeps ? axis : from++));
  }
  walk.draft.mark("F92");
  if (!keeps && from < request.map.extents.size() &&
      std::any_of(request.map.extents.begin() + static_cast<std::ptrdiff_t>(from), request.map.extents.end(),
                  [](std::int64_t extent) { return extent != 1; }))
    return refused("leaves fewer axes than the normalization reads");
  return pass_on(walk, request, 0, with_extents(request.map, std::move(extents)));
}

Attempt<void> absorb_max_pool(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  auto good = node.is("GlobalMaxPool") ? commutes_with_global_pool(node, request.map)
                                       : commutes_with_max_pool(walk.context(), node, request.map);
  if (!good) return good;
  walk.draft.mark("F90");
  return pass_on(walk, request, 0, request.map);
}

Attempt<void> absorb_resize(Backward& walk, const Request& request) {
  if (auto good = commutes_with_resize(walk.context(), walk.node(request.node), request.map); !good) return good;
  walk.draft.mark("F94");
  return pass_on(walk, request, 0, request.map);
}

/// Reflected and repeated values are normalized like all others. A constant v turns into s·v + t, which one number can
/// only be where all channels agree.
Attempt<void> absorb_pad(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  auto pad = pad_of(walk.context(), node);
  if (!pad) return tl::unexpected(pad.error());
  if (auto good = check_padded_axes(*pad, node, request.map); !good) return good;
  walk.draft.mark("F93");
  if (pad->mode == "constant" && !pad->pads_nothing()) {
    auto done = set_pad_value(walk.draft, walk.context(), request.node, *pad, request.map, "F93");
    if (!done) return done;
  }
  return pass_on(walk, request, 0, request.map);
}

}  // namespace pleat
