#include "converter/fold/moves.h"

#include <fmt/format.h>

#include <algorithm>

#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

/// A map spread over more positions than this is not worth its memory.
constexpr std::int64_t kMostPositions = std::int64_t{1} << 24;
constexpr std::int64_t kFirstDropoutWithoutIsTest = 7;
constexpr std::int64_t kFirstDropoutWithTrainingInput = 12;

/// Axes [from_first, from_last) of one shape that hold the same elements as [to_first, to_last) of another.
struct Group {
  std::size_t from_first, from_last, to_first, to_last;
};

std::optional<std::vector<Group>> group(const Sizes& from, const Sizes& to) {
  std::vector<Group> groups;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < from.size() || j < to.size()) {
    if (i < from.size() && from[i].is(1) && (j >= to.size() || !to[j].is(1))) {
      ++i;
      continue;
    }
    if (j < to.size() && to[j].is(1) && (i >= from.size() || !from[i].is(1))) {
      ++j;
      continue;
    }
    if (i >= from.size() || j >= to.size()) return std::nullopt;
    Group next{i, i + 1, j, j + 1};
    Size left = from[i];
    Size right = to[j];
    while (left != right) {
      if (next.from_last < from.size() && quotient(right, left)) {
        left = left * from[next.from_last++];
      } else if (next.to_last < to.size() && quotient(left, right)) {
        right = right * to[next.to_last++];
      } else {
        return std::nullopt;
      }
    }
    i = next.from_last;
    j = next.to_last;
    groups.push_back(next);
  }
  return groups;
}

/// Sizes of axes as numbers that multiply to `product`; one of them may be unknown, or several in a row, which then
/// count as one axis followed by axes of 1.
std::optional<std::vector<std::int64_t>> numbers(const Sizes& sizes, std::size_t first, std::size_t last,
                                                 std::int64_t product) {
  std::vector<std::int64_t> out;
  std::int64_t known = 1;
  std::optional<std::size_t> open;
  std::size_t open_last = first;
  for (std::size_t i = first; i < last; ++i) {
    if (sizes[i].known()) {
      out.push_back(sizes[i].factor);
      known *= sizes[i].factor;
      continue;
    }
    if (open && open_last != i) return std::nullopt;
    if (!open) open = i - first;
    open_last = i + 1;
    out.push_back(1);
  }
  if (known == 0 || product % known != 0) return std::nullopt;
  if (open)
    out[*open] = product / known;
  else if (known != product)
    return std::nullopt;
  return out;
}

std::int64_t unknown_axes(const Sizes& sizes, std::size_t first, std::size_t last) {
  return std::count_if(sizes.begin() + static_cast<std::ptrdiff_t>(first),
                       sizes.begin() + static_cast<std::ptrdiff_t>(last), [](const Size& s) { return !s.known(); });
}

/// How many elements lie along the group's axes. Where one axis is unknown, the map's own extent tells it.
std::optional<std::int64_t> product_of(const AxisAffine& map, const Sizes& from, const Group& g) {
  std::int64_t count = 1;
  const bool one_open = unknown_axes(from, g.from_first, g.from_last) <= 1;
  for (std::size_t axis = g.from_first; axis < g.from_last; ++axis) {
    if (!from[axis].known() && !(one_open && map.varies(axis))) return std::nullopt;
    count *= from[axis].known() ? from[axis].factor : map.extent(axis);
  }
  return count;
}

}  // namespace

Attempt<void> is_dropout_at_rest(const FoldContext& context, const Node& node) {
  const auto refused = [&](const std::string& why) { return refuse("F85", fmt::format("{} {}", node.label(), why)); };
  for (std::size_t i = 1; i < node.outputs.size(); ++i)
    if (!node.outputs[i].empty() &&
        (!context.uses.readers(node.outputs[i]).empty() || context.uses.is_graph_output(node.outputs[i])))
      return refused("gives its mask to others");
  AttributeReader attributes(node);
  const std::int64_t opset = context.model.opset();
  if (opset < kFirstDropoutWithoutIsTest && attributes.integer("is_test", 0) == 0)
    return refused("is in training mode (is_test is 0)");
  if (opset >= kFirstDropoutWithTrainingInput && node.inputs.size() > 2 && !node.inputs[2].empty()) {
    const auto training = constant(context, node.inputs[2], "training_mode", "F85");
    if (!training || training->byte_size() != 1 || training->bytes()[0] != std::byte{0})
      return refused("may be in training mode");
  }
  return {};
}

Attempt<std::vector<std::size_t>> permutation_of(const FoldContext& context, const Node& node, std::size_t least_rank) {
  AttributeReader attributes(node);
  const std::vector<std::int64_t> perm = attributes.integers("perm");
  std::vector<std::size_t> out;
  if (perm.empty()) {
    const auto rank = rank_of(context, node.inputs[0]);
    if (!rank) return refuse("F99", fmt::format("the number of axes before {} is not known", node.label()));
    for (int i = *rank; i-- > 0;) out.push_back(static_cast<std::size_t>(i));
  }
  for (const std::int64_t axis : perm) out.push_back(static_cast<std::size_t>(axis));
  std::vector<std::size_t> sorted = out;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != i) return refuse("F99", fmt::format("{} has no valid perm", node.label()));
  if (out.size() < least_rank)
    return refuse("F99", fmt::format("{} has {} axes, fewer than the normalization reads", node.label(), out.size()));
  return out;
}

std::optional<AxisAffine> regrouped(const AxisAffine& map, const Sizes& from, const Sizes& to) {
  const auto groups = group(from, to);
  if (!groups) return std::nullopt;
  AxisAffine wide = map;
  wide.extents.resize(std::max(wide.extents.size(), from.size()), 1);
  std::vector<std::int64_t> extents(to.size(), 1);
  std::vector<std::size_t> must_not_vary;
  for (const Group& g : *groups) {
    const auto first = wide.extents.begin() + static_cast<std::ptrdiff_t>(g.from_first);
    const auto last = wide.extents.begin() + static_cast<std::ptrdiff_t>(g.from_last);
    if (std::all_of(first, last, [](std::int64_t extent) { return extent == 1; })) continue;
    if (g.from_last - g.from_first == 1 && g.to_last - g.to_first == 1) {
      extents[g.to_first] = *first;
      continue;
    }
    const auto count = product_of(map, from, g);
    const auto ours = count ? numbers(from, g.from_first, g.from_last, *count) : std::nullopt;
    const auto theirs = count ? numbers(to, g.to_first, g.to_last, *count) : std::nullopt;
    if (!ours || !theirs || *count > kMostPositions) return std::nullopt;
    for (std::size_t axis = g.from_first; axis < g.from_last; ++axis)
      if (map.varies(axis) && map.extent(axis) != (*ours)[axis - g.from_first]) return std::nullopt;
    wide = spread(wide, g.from_first, *ours);
    std::ranges::copy(*theirs, extents.begin() + static_cast<std::ptrdiff_t>(g.to_first));
    if (unknown_axes(to, g.to_first, g.to_last) < 2) continue;
    for (std::size_t axis = g.to_first; axis < g.to_last; ++axis)
      if (!to[axis].known()) must_not_vary.push_back(axis);
  }
  if (!has_extents(wide, extents)) return std::nullopt;
  AxisAffine out = with_extents(std::move(wide), std::move(extents));
  for (const std::size_t axis : must_not_vary)
    if (out.varies(axis)) return std::nullopt;
  return out;
}

Attempt<AxisAffine> through_squeeze(const FoldContext& context, const Node& node, const AxisAffine& map,
                                    bool backward) {
  const bool adds = node.is("Unsqueeze") != backward;  // the axes appear on the way
  const std::string& longer = node.is("Unsqueeze") ? node.outputs[0] : node.inputs[0];
  const auto refused = [&](const std::string& why) { return refuse("F101", fmt::format("{}: {}", node.label(), why)); };
  const auto rank = rank_of(context, longer);
  const auto sizes = sizes_of(context, longer);
  if (!rank || !sizes) return refused("the number of axes is not known");
  auto axes = axes_of(context, node, *rank);
  if (!axes) return refused("its axes are not constant");
  if (axes->empty()) {
    for (std::size_t i = 0; i < sizes->size(); ++i) {
      if (!(*sizes)[i].known()) return refused("which axes have size 1 is not known");
      if ((*sizes)[i].is(1)) axes->push_back(i);
    }
  }
  std::vector<std::int64_t> extents;
  std::size_t from = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(*rank); ++i) {
    const bool named = std::ranges::find(*axes, i) != axes->end();
    if (adds) {
      extents.push_back(named ? 1 : map.extent(from++));
    } else if (!named) {
      extents.push_back(map.extent(i));
    } else if (map.varies(i)) {
      return refused("the normalized axis is not there before it");
    }
  }
  if (!has_extents(map, extents)) return refused("it has fewer axes than the normalization reads");
  return with_extents(map, std::move(extents));
}

std::vector<std::int64_t> SliceSpec::positions(std::size_t i, std::int64_t size) const {
  const auto clamped = [size](std::int64_t at, std::int64_t low, std::int64_t high) {
    return std::clamp(at < 0 ? at + size : at, low, high);
  };
  std::vector<std::int64_t> kept;
  const std::int64_t step = steps[i];
  if (step > 0) {
    const std::int64_t end = clamped(ends[i], 0, size);
    for (std::int64_t p = clamped(starts[i], 0, size); p < end; p += step) kept.push_back(p);
  } else {
    const std::int64_t end = ends[i] < -size ? -1 : clamped(ends[i], -1, size - 1);
    for (std::int64_t p = clamped(starts[i], -1, size - 1); p > end; p += step) kept.push_back(p);
  }
  return kept;
}

Attempt<SliceSpec> slice_of(const FoldContext& context, const Node& node) {
  AttributeReader attributes(node);
  SliceSpec slice{{}, attributes.integers("starts"), attributes.integers("ends"), {}};
  std::vector<std::int64_t> axes = attributes.integers("axes");
  const auto read = [&](std::size_t input, std::vector<std::int64_t>& out) {
    if (node.inputs.size() <= input || node.inputs[input].empty()) return true;
    const auto given = constant_integers(context, node.inputs[input]);
    if (given) out = *given;
    return given.has_value();
  };
  if (!read(1, slice.starts) || !read(2, slice.ends) || !read(3, axes) || !read(4, slice.steps))
    return refuse("F103", fmt::format("what {} cuts is not constant", node.label()));
  if (axes.empty())
    for (std::size_t i = 0; i < slice.starts.size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  if (slice.steps.empty()) slice.steps.assign(axes.size(), 1);
  const bool negative = std::ranges::any_of(axes, [](std::int64_t axis) { return axis < 0; });
  const auto rank = negative ? rank_of(context, node.inputs[0]) : std::optional<int>(0);
  const bool fits = slice.starts.size() == axes.size() && slice.ends.size() == axes.size() &&
                    slice.steps.size() == axes.size() &&
                    std::ranges::none_of(slice.steps, [](std::int64_t step) { return step == 0; });
  if (!rank || !fits) return refuse("F103", fmt::format("what {} cuts is not known", node.label()));
  for (const std::int64_t axis : axes) slice.axes.push_back(static_cast<std::size_t>(axis < 0 ? axis + *rank : axis));
  return slice;
}

}  // namespace pleat
