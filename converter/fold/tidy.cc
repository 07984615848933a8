#include "converter/fold/tidy.h"

#include <algorithm>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "converter/fold/constants.h"
#include "runtime/graph/uses.h"

namespace pleat {
namespace {

using Names = std::unordered_set<std::string>;

void for_each_graph(Graph& graph, const std::function<void(Graph&)>& visit) {
  for (Node& node : graph.nodes)
    for (Attribute& attribute : node.attributes)
      if (auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value); inner != nullptr && *inner != nullptr)
        for_each_graph(**inner, visit);
  visit(graph);
}

void add_reads(const Graph& graph, Names& names) {
  for (const Node& node : graph.nodes) {
    names.insert(node.inputs.begin(), node.inputs.end());
    for (const Attribute& attribute : node.attributes)
      if (const Graph* inner = attribute.graph()) add_reads(*inner, names);
  }
  for (const ValueInfo& output : graph.outputs) names.insert(output.name);
}

bool remove_idle(Graph& graph, const Names& read_before) {
  const Uses uses(graph);
  const auto idle = [&](const std::string& name) {
    return uses.readers(name).empty() && !uses.is_graph_output(name) && read_before.contains(name);
  };
  std::size_t gone = std::erase_if(graph.nodes, [&](const Node& node) {
    return may_make_constants(node) && !node.outputs.empty() && std::ranges::all_of(node.outputs, idle);
  });
  gone += std::erase_if(graph.initializers, [&](const Initializer& initializer) {
    return idle(initializer.name) && graph.input(initializer.name) == nullptr;
  });
  return gone != 0;
}

void rename_reads(Graph& graph, const std::unordered_map<std::string, std::string>& names) {
  for_each_graph(graph, [&](Graph& part) {
    for (Node& node : part.nodes)
      for (std::string& input : node.inputs)
        if (const auto found = names.find(input); found != names.end()) input = found->second;
  });
}

std::size_t hash_of(const Initializer& initializer) {
  const auto bytes = initializer.tensor.bytes();
  return std::hash<std::string_view>{}({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Not only rounded to the same: a constant stands for one exact value.
bool same_constant(const Initializer& a, const Initializer& b, const ExactConstants& exact) {
  if (a.tensor.dtype() != b.tensor.dtype() || a.tensor.shape() != b.tensor.shape() ||
      !std::ranges::equal(a.tensor.bytes(), b.tensor.bytes()))
    return false;
  const ExactConstant& x = exact.at(a.name);
  const ExactConstant& y = exact.at(b.name);
  for (std::size_t i = 0; i < static_cast<std::size_t>(a.tensor.elements()); ++i) {
    const DoubleDouble p = x.value(i);
    const DoubleDouble q = y.value(i);
    if (p.hi != q.hi || p.lo != q.lo) return false;
  }
  return true;
}

}  // namespace

void remove_idle(FoldResult& result) {
  Names read_before;
  add_reads(result.source.graph, read_before);
  for (const auto& [name, exact] : result.constants) read_before.insert(name);
  for (bool changed = true; changed;) {
    changed = false;
    for_each_graph(result.folded.graph, [&](Graph& graph) { changed = remove_idle(graph, read_before) || changed; });
  }
  Names there;
  for_each_graph(result.folded.graph, [&](Graph& graph) {
    for (const Initializer& initializer : graph.initializers) there.insert(initializer.name);
  });
  std::erase_if(result.constants, [&](const auto& entry) { return !there.contains(entry.first); });
  for (FoldEntry& entry : result.map.entries)
    std::erase_if(entry.new_constants, [&](const std::string& name) { return !there.contains(name); });
}

void share_equal_constants(FoldResult& result) {
  for_each_graph(result.folded.graph, [&](Graph& graph) {
    std::unordered_multimap<std::size_t, const Initializer*> seen;
    std::unordered_map<std::string, std::string> names;
    for (const Initializer& initializer : graph.initializers) {
      if (!result.constants.contains(initializer.name)) continue;
      const std::size_t hash = hash_of(initializer);
      const auto [first, last] = seen.equal_range(hash);
      const auto same = std::find_if(
          first, last, [&](const auto& entry) { return same_constant(*entry.second, initializer, result.constants); });
      if (same == last)
        seen.emplace(hash, &initializer);
      else
        names.emplace(initializer.name, same->second->name);
    }
    if (names.empty()) return;
    rename_reads(graph, names);
    std::erase_if(graph.initializers, [&](const Initializer& initializer) { return names.contains(initializer.name); });
    for (const auto& [gone, kept] : names) result.constants.erase(gone);
    for (FoldEntry& entry : result.map.entries)
      for (std::string& name : entry.new_constants)
        if (const auto found = names.find(name); found != names.end()) name = found->second;
  });
}

}  // namespace pleat
