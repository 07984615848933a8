#include "converter/fold/written_out.h"

#include <algorithm>

#include "converter/fold/arithmetic.h"

namespace pleat {
namespace {

std::optional<ArithmeticStep> step_at(const FoldContext& context, const Node& node) {
  if (!(node.is("Add") || node.is("Sub") || node.is("Mul") || node.is("Div"))) return std::nullopt;
  auto step = arithmetic_step(context, node);
  return step ? std::move(*step) : std::nullopt;
}

/// The only reader of `value`, or null.
const Node* only_reader(const FoldContext& context, const std::string& value) {
  const auto& readers = context.uses.readers(value);
  if (readers.size() != 1 || readers[0].input < 0 || context.uses.is_graph_output(value)) return nullptr;
  return &context.node(readers[0].node);
}

}  // namespace

std::vector<WrittenOut> written_out(const FoldContext& context) {
  std::vector<WrittenOut> chains;
  for (std::size_t i = context.graph.nodes.size(); i-- > 0;) {
    auto step = step_at(context, context.node(i));
    if (!step) continue;
    const Node* reader = only_reader(context, context.node(i).outputs[0]);
    if (reader != nullptr && step_at(context, *reader)) continue;
    WrittenOut chain;
    chain.last = i;
    bool scales_channels = false;
    for (std::optional<std::size_t> at = i; at && step;) {
      chain.nodes.push_back(*at);
      scales_channels = scales_channels || (step->multiplies && step->per_channel);
      chain.shifts = chain.shifts || !step->multiplies;
      const std::string& input = step->input;
      at = only_reader(context, input) != nullptr ? context.uses.producer(input) : std::nullopt;
      step = at ? step_at(context, context.node(*at)) : std::nullopt;
    }
    if (scales_channels) chains.push_back(std::move(chain));
  }
  return chains;
}

}  // namespace pleat
