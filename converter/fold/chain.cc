#include "converter/fold/chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace pleat {
namespace {

constexpr std::array kLayers = {"Conv", "Gemm", "MatMul"};
constexpr std::array kActivations = {"Relu", "LeakyRelu", "PRelu", "Elu",      "Selu", "Sigmoid",         "HardSigmoid",
                                     "Tanh", "Softmax",   "Clip",  "Softplus", "Gelu", "ThresholdedRelu", "HardSwish",
                                     "Mish", "Celu",      "Erf"};

template <class List>
bool is_any(const Node& node, const List& operators) {
  return std::any_of(operators.begin(), operators.end(), [&](const char* op) { return node.is(op); });
}

bool is_old_numeric_broadcast(const FoldContext& context) { return context.model.opset() < 7; }

/// Gate 5 for a value on the way: `reader` and nobody else may see it.
Attempt<void> check_private(const FoldContext& context, const std::string& value, std::size_t reader) {
  if (context.uses.is_graph_output(value))
    return refuse("F41", fmt::format("'{}' is an output of the graph", value),
                  "drop that graph output if nobody needs it");
  for (const Uses::Reader& use : context.uses.readers(value)) {
    const Node& node = context.graph.nodes[use.node];
    if (use.input < 0) return refuse("F43", fmt::format("'{}' is read inside {}", value, node.label()));
    if (use.node != reader) return refuse("F39", fmt::format("'{}' is also read by {}", value, node.label()));
  }
  return {};
}

Refusal not_a_layer(const Node* maker, const std::string& value) {
  if (maker == nullptr)
    return {"F115", fmt::format("its input '{}' is no layer's output but comes from outside the graph", value), {}};
  const std::string detail = fmt::format("its input is made by {}", maker->label());
  if (is_any(*maker, kActivations)) return {"F87", detail, {}};
  if (maker->is("ConvTranspose")) return {"F36", detail, {}};
  if (maker->is("Concat")) return {"F95", detail, {}};
  if (maker->is("Add") || maker->is("Sub") || maker->is("Mul") || maker->is("Div")) return {"F78", detail, {}};
  return {"F115", detail, {}};
}

/// The step at `position` if it is one, given the steps after it.
Attempt<AffineStep> step_at(const FoldContext& context, std::size_t position, const std::vector<AffineStep>& later) {
  const Node& node = context.graph.nodes[position];
  if (node.is("BatchNormalization")) {
    auto step = batch_norm_step(context, position);
    if (!step) return refuse("F60", fmt::format("its input is made by {}, which stays", node.label()));
    if (!later.empty() && step->affine.channels() != later.front().affine.channels())
      return refuse("F19", fmt::format("{} has {} channels where {} are read", node.label(), step->affine.channels(),
                                       later.front().affine.channels()));
    return step;
  }
  if (node.is("Add") && !later.empty()) {
    auto step = bias_add_step(context, position, later.front().affine.channels());
    if (!step) return step;
    const auto maker = context.uses.producer(step->input);
    if (maker && context.graph.nodes[*maker].is("MatMul")) return step;
  }
  return tl::unexpected(not_a_layer(&node, node.outputs.empty() ? "" : node.outputs[0]));
}

}  // namespace

Attempt<AffineStep> bias_add_step(const FoldContext& context, std::size_t position, std::size_t channels) {
  const Node& node = context.graph.nodes[position];
  if (node.inputs.size() != 2) return tl::unexpected(not_a_layer(&node, ""));
  const auto made = [&](int i) {
    return constant(context, node.inputs[static_cast<std::size_t>(i)], "operand", "F78");
  };
  auto tensor = made(1);
  const bool second = tensor.has_value();
  if (!second) tensor = made(0);
  if (!tensor) return tl::unexpected(not_a_layer(&node, ""));
  const std::string& name = node.inputs[second ? 1 : 0];
  const Shape& shape = tensor->shape();
  const auto count = static_cast<std::int64_t>(channels);
  const bool rows = shape.rank() == 2 && shape[0] != 1;
  if (shape.rank() > 2 || rows || (shape.elements() != 1 && shape.elements() != count))
    return refuse("F80", fmt::format("{} adds '{}' of shape {}, which is not one value per channel", node.label(), name,
                                     shape.text()));
  if (is_old_numeric_broadcast(context) && node.attribute("axis") != nullptr)
    return refuse("F77", fmt::format("{} broadcasts by the axis rule of opsets below 7", node.label()),
                  "convert the model to opset 7 or later");
  auto values = finite_values(*tensor, name, "operand");
  if (!values) return tl::unexpected(values.error());

  AffineStep step;
  step.node = position;
  step.input = node.inputs[second ? 0 : 1];
  step.affine.scale.assign(channels, 1.0);
  for (std::size_t c = 0; c < channels; ++c) step.affine.shift.emplace_back((*values)[values->size() == 1 ? 0 : c]);
  step.record.node = node.name.empty() ? node.outputs[0] : node.name;
  step.record.op_type = node.op_type;
  step.record.output = node.outputs[0];
  step.record.constant = name;
  return step;
}

Attempt<AffineChain> chain_to(const FoldContext& context, std::size_t position) {
  auto last = batch_norm_step(context, position);
  if (!last) return tl::unexpected(last.error());
  AffineChain chain;
  chain.output = last->record.output;
  chain.affine = last->affine;
  chain.steps.push_back(std::move(*last));
  for (;;) {
    const AffineStep& first = chain.steps.front();
    const auto producer = context.uses.producer(first.input);
    if (!producer) return tl::unexpected(not_a_layer(nullptr, first.input));
    const Node& maker = context.graph.nodes[*producer];
    const bool is_layer = is_any(maker, kLayers);
    std::optional<AffineStep> step;
    if (!is_layer) {
      auto attempt = step_at(context, *producer, chain.steps);
      if (!attempt) return tl::unexpected(attempt.error());
      step = std::move(*attempt);
    }
    if (auto alone = check_private(context, first.input, first.node); !alone) return tl::unexpected(alone.error());
    if (is_layer) {
      chain.layer = *producer;
      return chain;
    }
    chain.affine = compose(step->affine, chain.affine);
    chain.steps.insert(chain.steps.begin(), std::move(*step));
  }
}

}  // namespace pleat
