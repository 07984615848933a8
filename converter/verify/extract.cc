#include "converter/verify/extract.h"

#include <algorithm>
#include <set>

#include "runtime/graph/uses.h"

namespace pleat {
namespace {

std::vector<ValueInfo> as_infos(const std::vector<Border>& borders) {
  std::vector<ValueInfo> infos;
  for (const Border& border : borders) {
    ValueInfo info;
    info.name = border.name;
    info.type.dtype = border.dtype;
    infos.push_back(std::move(info));
  }
  return infos;
}

}  // namespace

Result<Model> extract(const Model& model, const std::vector<Border>& inputs, const std::vector<Border>& outputs) {
  std::set<std::string> given;
  std::set<std::string> wanted;
  for (const Border& border : inputs) given.insert(border.name);
  for (const Border& border : outputs) wanted.insert(border.name);

  const Graph& whole = model.graph;
  std::vector<Node> nodes;
  for (std::size_t i = whole.nodes.size(); i-- > 0;) {
    const Node& node = whole.nodes[i];
    const bool needed = std::any_of(node.outputs.begin(), node.outputs.end(), [&](const std::string& name) {
      return wanted.contains(name) && !given.contains(name);
    });
    if (!needed) continue;
    nodes.push_back(node);
    for (const std::string& name : node.inputs)
      if (!name.empty()) wanted.insert(name);
    wanted.merge(captures(node));
  }
  std::reverse(nodes.begin(), nodes.end());

  Model part;
  part.ir_version = model.ir_version;
  part.opset_imports = model.opset_imports;
  part.storage = model.storage;
  part.graph.name = whole.name;
  part.graph.nodes = std::move(nodes);
  part.graph.inputs = as_infos(inputs);
  part.graph.outputs = as_infos(outputs);
  for (const Initializer& initializer : whole.initializers)
    if (wanted.contains(initializer.name) && !given.contains(initializer.name))
      part.graph.initializers.push_back(initializer);
  if (auto good = check(part); !good) return fail(std::move(good).error().at("part of the model"));
  return part;
}

}  // namespace pleat
