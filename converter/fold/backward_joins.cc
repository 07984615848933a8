#include <fmt/format.h>

#include <numeric>

#include "converter/fold/backward.h"
#include "converter/fold/sizes.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

/// Passes one part of the map to each input; the node makes the requested name. All or nothing.
Attempt<void> pass_on_all(Backward& walk, const Request& request, std::vector<AxisAffine> parts, const char* code) {
  const std::vector<std::string> inputs = walk.node(request.node).inputs;
  const char* const misfit = walk.misfit;
  walk.draft.mark(code);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    walk.misfit = misfit;
    if (auto done = pass_on(walk, request, i, std::move(parts[i])); !done) {
      const Refusal& why = done.error();
      return refuse(code,
                    fmt::format("{} joins several values, and '{}' cannot be folded: {} [{}]",
                                walk.node(request.node).label(), inputs[i], why.detail, why.code),
                    why.remedy);
    }
  }
  return {};
}

}  // namespace

/// Along another axis every input takes the whole map; along the normalized one each takes its own channels.
Attempt<void> absorb_concat(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  AttributeReader attributes(node);
  std::int64_t axis = attributes.integer("axis", 1);
  if (axis < 0) {
    const auto rank = rank_of(walk.context(), node.outputs[0]);
    if (!rank) return refuse("F95", fmt::format("the number of axes of {} is not known", node.label()));
    axis += *rank;
  }
  const auto at = static_cast<std::size_t>(axis);
  if (!request.map.varies(at))
    return pass_on_all(walk, request, std::vector<AxisAffine>(node.inputs.size(), request.map),
                       at == 1 ? "F95" : "F96");
  std::vector<AxisAffine> parts;
  std::int64_t first = 0;
  for (const std::string& input : node.inputs) {
    const auto sizes = sizes_of(walk.context(), input);
    if (!sizes || at >= sizes->size() || !(*sizes)[at].known())
      return refuse("F95", fmt::format("how many channels '{}' has is not known", input),
                    "add shape information to the model (ONNX shape inference)");
    const std::int64_t own = (*sizes)[at].factor;
    if (own > request.map.extent(at) - first) {
      first = -1;
      break;
    }
    std::vector<std::int64_t> positions(static_cast<std::size_t>(own));
    std::iota(positions.begin(), positions.end(), first);
    first += own;
    parts.push_back(gathered(request.map, at, positions));
  }
  if (first != request.map.extent(at))
    return refuse("F19", fmt::format("{} joins another number of channels than the parameters' {}", node.label(),
                                     request.map.extent(at)));
  return pass_on_all(walk, request, std::move(parts), "F95");
}

/// s·(a + b) + t = (s·a + t) + s·b: the scale goes into every addend, the shift into the first.
Attempt<void> absorb_sum(Backward& walk, const Request& request) {
  const Node& node = walk.node(request.node);
  std::optional<int> rank;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto own = rank_of(walk.context(), node.inputs[i]);
    if (!own || (i > 0 && own != rank))
      return refuse("F98", fmt::format("the addends of {} are not proved to have the same axes", node.label()));
    rank = own;
  }
  std::vector<AxisAffine> parts(node.inputs.size(), without_shift(request.map));
  if (!parts.empty()) parts.front() = request.map;
  walk.draft.mark("F97");
  return pass_on_all(walk, request, std::move(parts), "F98");
}

}  // namespace pleat
