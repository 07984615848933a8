#include "converter/report/node_pairs.h"

#include <optional>
#include <unordered_map>

namespace pleat {
namespace {

using Key = std::string;

/// Pairs what is still free on both sides and has the same key; nodes without a key stay free.
void pair_by(std::vector<NodePair>& pairs, std::vector<const Node*>& free_after,
             std::optional<Key> (*key)(const Node&)) {
  std::unordered_map<Key, std::vector<std::size_t>> befores;
  for (std::size_t i = pairs.size(); i-- > 0;)
    if (pairs[i].after == nullptr)
      if (const auto k = key(*pairs[i].before)) befores[*k].push_back(i);
  for (const Node*& node : free_after) {
    const auto k = key(*node);
    const auto found = k ? befores.find(*k) : befores.end();
    if (found == befores.end() || found->second.empty()) continue;
    pairs[found->second.back()].after = node;
    found->second.pop_back();
    node = nullptr;
  }
  std::erase(free_after, nullptr);
}

std::string list(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += name + '\0';
  return out + '\1';
}

std::optional<Key> whole(const Node& node) {
  return node.domain + '\0' + node.op_type + '\0' + node.name + '\0' + list(node.inputs) + list(node.outputs);
}
std::optional<Key> by_name(const Node& node) {
  if (node.name.empty()) return std::nullopt;
  return node.op_type + '\0' + node.name;
}
std::optional<Key> by_first_input(const Node& node) {
  if (node.inputs.empty()) return std::nullopt;
  return node.op_type + '\0' + node.inputs[0];
}
std::optional<Key> by_first_output(const Node& node) {
  if (node.outputs.empty()) return std::nullopt;
  return node.op_type + '\0' + node.outputs[0];
}

}  // namespace

bool NodePair::same() const { return before != nullptr && after != nullptr && whole(*before) == whole(*after); }

std::vector<NodePair> paired(const Graph& before, const Graph& after) {
  std::vector<NodePair> pairs;
  for (const Node& node : before.nodes) pairs.push_back({&node, nullptr});
  std::vector<const Node*> free_after;
  for (const Node& node : after.nodes) free_after.push_back(&node);
  for (const auto key : {whole, by_name, by_first_input, by_first_output}) pair_by(pairs, free_after, key);
  for (const Node* node : free_after) pairs.push_back({nullptr, node});
  return pairs;
}

}  // namespace pleat
