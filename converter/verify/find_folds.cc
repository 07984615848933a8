#include <algorithm>

#include "converter/verify/verify.h"
#include "runtime/graph/uses.h"

namespace pleat {
namespace {

/// Reads one fold out of two graphs, starting from the output that both make.
class FoldFinder {
 public:
  FoldFinder(const Graph& unfolded, const Graph& folded)
      : unfolded_(unfolded), folded_(folded), before_(unfolded), after_(folded) {}

  void fill(FoldEntry& entry) const {
    const Node* node = made(folded_, after_, entry.output);
    if (node == nullptr || node->is("BatchNormalization")) return;
    if (node->is("Add") && node->inputs.size() == 2) {
      entry.add_node = node->name.empty() ? entry.output : node->name;
      entry.new_bias = node->inputs[1];
      node = made(folded_, after_, node->inputs[0]);
      if (node == nullptr || !node->is("MatMul")) return;
    }
    if (!walk_back(entry)) return;
    const Node* layer = made(unfolded_, before_, entry.producer_output);
    if (layer == nullptr || layer->op_type != node->op_type || node->inputs.size() < 2 || layer->inputs.size() < 2)
      return;
    entry.target = layer->name.empty() ? entry.producer_output : layer->name;
    entry.target_op = layer->op_type;
    entry.input = layer->inputs[0];
    entry.old_weight = layer->inputs[1];
    entry.new_weight = node->inputs[1];
    if (layer->inputs.size() > 2) entry.old_bias = layer->inputs[2];
    if (node->inputs.size() > 2) entry.new_bias = node->inputs[2];
    entry.folded = true;
    entry.reason = "folded into " + layer->label();
  }

 private:
  static const Node* made(const Graph& graph, const Uses& uses, const std::string& value) {
    const auto producer = uses.producer(value);
    return producer ? &graph.nodes[*producer] : nullptr;
  }

  /// Collects the nodes from the entry's BatchNormalization back to the first value that the folded model lacks and a
  /// layer makes.
  bool walk_back(FoldEntry& entry) const {
    std::string value = entry.output;
    for (std::size_t walked = 0; walked <= unfolded_.nodes.size(); ++walked) {
      const Node* node = made(unfolded_, before_, value);
      if (node == nullptr || node->inputs.empty()) return false;
      const bool batch_norm = node->is("BatchNormalization");
      if (!batch_norm && !node->is("Add")) {
        entry.producer_output = value;
        return !entry.steps.empty();
      }
      FoldStep step;
      step.node = node->name.empty() ? value : node->name;
      step.op_type = node->op_type;
      step.output = value;
      const bool second = !batch_norm && made(unfolded_, before_, node->inputs[0]) == nullptr;
      if (second && node->inputs.size() < 2) return false;
      value = node->inputs[second ? 1 : 0];
      entry.steps.insert(entry.steps.begin(), std::move(step));
    }
    return false;
  }

  const Graph& unfolded_;
  const Graph& folded_;
  Uses before_, after_;
};

}  // namespace

FoldMap find_folds(const Model& unfolded, const Model& folded) {
  const FoldFinder finder(unfolded.graph, folded.graph);
  FoldMap map;
  for (const Node& node : unfolded.graph.nodes) {
    if (!node.is("BatchNormalization") || node.outputs.empty()) continue;
    FoldEntry entry;
    entry.batch_norm = node.name.empty() ? node.outputs[0] : node.name;
    entry.output = node.outputs[0];
    entry.reason = "still there";
    finder.fill(entry);
    map.entries.push_back(std::move(entry));
  }
  for (const FoldEntry& last : map.entries) {
    for (const FoldStep& step : last.steps) {
      if (!last.folded || step.output == last.output || step.op_type != "BatchNormalization") continue;
      const auto earlier = std::find_if(map.entries.begin(), map.entries.end(),
                                        [&](const FoldEntry& e) { return e.output == step.output; });
      if (earlier == map.entries.end()) continue;
      earlier->folded = true;
      earlier->into = last.output;
    }
  }
  return map;
}

}  // namespace pleat
