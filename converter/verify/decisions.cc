#include "converter/verify/decisions.h"

#include <algorithm>
#include <array>
#include <set>

#include "runtime/graph/attributes.h"
#include "runtime/graph/uses.h"

namespace pleat {
namespace {

/// Operators that jump, and which of their outputs do.
struct Jump {
  const char* op_type;
  std::array<bool, 4> outputs;
};
constexpr Jump kJumps[] = {{"ArgMax", {true}},
                           {"ArgMin", {true}},
                           {"TopK", {false, true}},
                           {"Hardmax", {true}},
                           {"Floor", {true}},
                           {"Ceil", {true}},
                           {"Round", {true}},
                           {"Sign", {true}},
                           {"Cast", {true}},
                           {"Equal", {true}},
                           {"Greater", {true}},
                           {"GreaterOrEqual", {true}},
                           {"Less", {true}},
                           {"LessOrEqual", {true}},
                           {"QuantizeLinear", {true}},
                           {"DynamicQuantizeLinear", {true, false, true}},
                           {"ThresholdedRelu", {true}},
                           {"Shrink", {true}},
                           {"NonZero", {true}},
                           {"NonMaxSuppression", {true}},
                           {"MaxPool", {false, true}},
                           {"Unique", {true, true, true, true}}};

bool casts_to_whole_numbers(const Node& node) {
  AttributeReader attributes(node);
  switch (static_cast<DType>(attributes.integer("to", 0))) {
    case DType::kUint8:
    case DType::kInt8:
    case DType::kUint16:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kInt64:
    case DType::kUint32:
    case DType::kUint64:
    case DType::kBool: return true;
    default: return false;
  }
}

std::vector<std::string> jumping_outputs(const Node& node) {
  std::vector<std::string> names;
  const auto* jump = std::ranges::find_if(kJumps, [&](const Jump& known) { return node.is(known.op_type); });
  if (jump == std::end(kJumps) || (node.is("Cast") && !casts_to_whole_numbers(node))) return names;
  for (std::size_t i = 0; i < node.outputs.size() && i < jump->outputs.size(); ++i)
    if (jump->outputs[i] && !node.outputs[i].empty()) names.push_back(node.outputs[i]);
  return names;
}

/// The values of `graph` that change with what its inputs hold; shapes alone do not count.
std::set<std::string> changing_values(const Graph& graph) {
  std::set<std::string> changing;
  for (const ValueInfo& input : graph.inputs)
    if (graph.initializer(input.name) == nullptr) changing.insert(input.name);
  for (const Node& node : graph.nodes) {
    if (node.is("Shape") || node.is("Size")) continue;
    const auto changes = [&](const std::string& name) { return changing.contains(name); };
    if (std::ranges::none_of(node.inputs, changes) && std::ranges::none_of(captures(node), changes)) continue;
    for (const std::string& name : node.outputs)
      if (!name.empty()) changing.insert(name);
  }
  return changing;
}

}  // namespace

std::vector<Decision> find_decisions(const Graph& unfolded, const Graph& folded) {
  const std::set<std::string> changing = changing_values(unfolded);
  const Uses uses(folded);
  std::vector<Decision> decisions;
  for (std::size_t i = 0; i < unfolded.nodes.size(); ++i) {
    const Node& node = unfolded.nodes[i];
    Decision decision;
    decision.unfolded = i;
    decision.outputs = jumping_outputs(node);
    if (decision.outputs.empty()) continue;
    const auto counterpart = uses.producer(decision.outputs[0]);
    if (!counterpart) continue;
    const Node& other = folded.nodes[*counterpart];
    if (!other.is(node.op_type) || other.outputs != node.outputs || other.inputs.size() != node.inputs.size()) continue;
    decision.folded = *counterpart;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
      if (!changing.contains(node.inputs[k])) continue;
      decision.unfolded_inputs.push_back(node.inputs[k]);
      decision.folded_inputs.push_back(other.inputs[k]);
    }
    if (!decision.unfolded_inputs.empty()) decisions.push_back(std::move(decision));
  }
  return decisions;
}

}  // namespace pleat
