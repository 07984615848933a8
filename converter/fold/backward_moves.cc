#include <fmt/format.h>

#include <algorithm>

#include "converter/fold/backward.h"
#include "converter/fold/moves.h"
#include "converter/fold/sizes.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

constexpr std::int64_t kLargestBlock = 64;
constexpr std::int64_t kMostChannels = std::int64_t{1} << 24;

}  // namespace

Attempt<void> absorb_identity(Backward& walk, const Request& request) { return pass_on(walk, request, 0, request.map); }

Attempt<void> absorb_dropout(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  if (auto quiet = is_dropout_at_rest(walk.context(), node); !quiet) return quiet;
  walk.draft.mark("F85");
  return pass_on(walk, request, 0, request.map);
}

Attempt<void> absorb_cast(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  AttributeReader attributes(node);
  const auto to = static_cast<DType>(attributes.integer("to", 0));
  const DType from = type_of(walk.context(), node.inputs[0]);
  if (from != to)
    return refuse("F86", fmt::format("its input is made by {}, which converts {} to {}", node.label(), dtype_name(from),
                                     dtype_name(to)));
  walk.draft.mark("F85");
  return pass_on(walk, request, 0, request.map);
}

Attempt<void> absorb_transpose(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  auto perm = permutation_of(walk.context(), node, request.map.extents.size());
  if (!perm) return tl::unexpected(perm.error());
  std::vector<std::size_t> inverse(perm->size());
  for (std::size_t i = 0; i < perm->size(); ++i) inverse[(*perm)[i]] = i;
  if (std::string_view(walk.misfit) == "F80") walk.misfit = "F99";
  walk.draft.mark("F99");
  return pass_on(walk, request, 0, permuted(request.map, inverse));
}

Attempt<void> absorb_reshape(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  const char* code = node.is("Flatten") ? "F100" : "F73";
  const auto before = sizes_of(walk.context(), node.inputs[0]);
  const auto after = sizes_of(walk.context(), node.outputs[0]);
  if (!before || !after)
    return refuse(code, fmt::format("the shapes around {} are not known", node.label()),
                  "add shape information to the model (ONNX shape inference)");
  auto map = regrouped(request.map, *after, *before);
  if (!map) return refuse(code, fmt::format("{} does not keep the normalized axis apart", node.label()));
  walk.misfit = code;
  walk.draft.mark(code);
  return pass_on(walk, request, 0, std::move(*map));
}

Attempt<void> absorb_squeeze(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  auto map = through_squeeze(walk.context(), node, request.map, /*backward=*/true);
  if (!map) return tl::unexpected(map.error());
  walk.misfit = "F101";
  walk.draft.mark("F101");
  return pass_on(walk, request, 0, std::move(*map));
}

/// Channels are only moved, so the map goes back along the permutation; where SpaceToDepth spreads one channel over
/// several, all of them must carry the same.
Attempt<void> absorb_depth_to_space(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  if (!request.map.varies_only(1))
    return refuse("F102", fmt::format("the map varies over positions that {} moves", node.label()));
  walk.draft.mark("F102");
  if (!request.map.varies(1)) return pass_on(walk, request, 0, request.map);
  AttributeReader attributes(node);
  const std::int64_t extent = request.map.extent(1);
  const std::int64_t block = attributes.integer("blocksize", 1);
  if (block < 1 || block > kLargestBlock)
    return refuse("F102", fmt::format("{} has a blocksize of {}", node.label(), block));
  const std::int64_t blocks = block * block;
  const bool column_first = attributes.text("mode", "DCR") == "CRD";
  if (node.is("DepthToSpace")) {
    std::vector<std::int64_t> from;
    for (std::int64_t i = 0; i < extent * blocks; ++i) from.push_back(column_first ? i / blocks : i % extent);
    return pass_on(walk, request, 0, gathered(request.map, 1, from));
  }
  if (extent % blocks != 0) return refuse("F102", fmt::format("{} cannot make {} channels", node.label(), extent));
  const std::int64_t channels = extent / blocks;
  AxisAffine blocked = with_extents(request.map, {1, blocks, channels});
  if (blocked.extent(1) != 1)
    return refuse("F102", fmt::format("{} spreads one channel over several that are normalized apart", node.label()));
  return pass_on(walk, request, 0, with_extents(std::move(blocked), {1, channels}));
}

Attempt<void> absorb_slice(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  const FoldContext& context = walk.context();
  auto slice = slice_of(context, node);
  if (!slice) return tl::unexpected(slice.error());
  AxisAffine map = request.map;
  const auto sizes = sizes_of(context, node.inputs[0]);
  for (std::size_t i = 0; i < slice->axes.size(); ++i) {
    const std::size_t axis = slice->axes[i];
    if (!map.varies(axis)) continue;
    if (!sizes || axis >= sizes->size() || !(*sizes)[axis].known() || (*sizes)[axis].factor > kMostChannels)
      return refuse("F103", fmt::format("{} cuts channels of a value whose size is not known", node.label()));
    const std::int64_t size = (*sizes)[axis].factor;
    const std::vector<std::int64_t> positions = slice->positions(i, size);
    if (static_cast<std::int64_t>(positions.size()) != map.extent(axis))
      return refuse("F19", fmt::format("{} gives {} channels, the parameters have {}", node.label(), positions.size(),
                                       map.extent(axis)));
    map = scattered(map, axis, size, positions);
  }
  walk.draft.mark("F103");
  return pass_on(walk, request, 0, std::move(map));
}

}  // namespace pleat
