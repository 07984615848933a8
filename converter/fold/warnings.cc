#include "converter/fold/warnings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

template <class Codes>
std::int64_t kept_for(const FoldMap& map, const Codes& codes) {
  return std::ranges::count_if(map.entries, [&](const FoldEntry& entry) {
    return !entry.folded && std::ranges::find(codes, entry.code) != codes.end();
  });
}

std::int64_t marked_per_position(const Graph& graph) {
  return std::ranges::count_if(graph.nodes, [&](const Node& node) {
    if (!node.is("BatchNormalization") || node.inputs.size() < 2) return false;
    AttributeReader attributes(node);
    const Initializer* scale = graph.initializer(node.inputs[1]);
    return attributes.integer("spatial", 1) == 0 && scale != nullptr && scale->tensor.shape().rank() == 1;
  });
}

}  // namespace

void add_warnings(const Model& model, FoldResult& result) {
  FoldMap& map = result.map;
  const auto batch_norms = std::ranges::count_if(map.entries, [](const FoldEntry& e) { return !e.written_out; });
  constexpr std::array<std::string_view, 3> kTraining = {"F01", "F04", "F05"};
  if (const auto training = kept_for(map, kTraining); training > 0)
    map.warnings.push_back(fmt::format(
        "this model was exported in training mode: {} of {} batch normalizations normalize by their batch; export it "
        "again after model.eval(), or say --assume-inference if only the mode was wrong",
        training, batch_norms));
  constexpr std::array<std::string_view, 1> kOverridable = {"F56"};
  if (const auto overridable = kept_for(map, kOverridable); overridable > 0)
    map.warnings.push_back(
        fmt::format("{} of {} batch normalizations stay because their constants are also graph inputs, which a caller "
                    "may override (many PyTorch exports are so); --freeze-inputs makes them constants",
                    overridable, batch_norms));
  if (const auto marked = marked_per_position(model.graph); marked > 0)
    map.warnings.push_back(
        fmt::format("{} batch normalizations say spatial = 0 but hold one value per channel (a known "
                    "defect of MXNet's exporter); taken as spatial = 1",
                    marked));
}

}  // namespace pleat
