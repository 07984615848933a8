#include "converter/fold/batch_norm.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstOpsetWithoutIsTest = 7;
constexpr std::int64_t kFirstOpsetWithTrainingMode = 14;
constexpr float kDefaultEpsilon = 1e-5F;
constexpr std::array<const char*, 4> kRoles = {"scale", "bias", "mean", "variance"};

constexpr const char* kExportAgain =
    "export the model again in evaluation mode (model.eval() in PyTorch), or say --assume-inference";

std::size_t present_outputs(const Node& node) {
  return static_cast<std::size_t>(
      std::count_if(node.outputs.begin(), node.outputs.end(), [](const std::string& name) { return !name.empty(); }));
}

struct NamedParameters {
  std::array<std::string, 4> names;
  std::array<std::vector<double>, 4> values;
};

Attempt<NamedParameters> read_parameters(const FoldContext& context, const Node& node, bool spatial) {
  NamedParameters read;
  for (std::size_t i = 0; i < kRoles.size(); ++i) {
    if (node.inputs.size() <= i + 1 || node.inputs[i + 1].empty())
      return refuse("F18", fmt::format("input {} ({}) is missing", i + 1, kRoles[i]),
                    "keep running statistics in training (track_running_stats=True in PyTorch)");
    read.names[i] = node.inputs[i + 1];
    auto tensor = constant(context, read.names[i], kRoles[i], "F17");
    if (!tensor) return tl::unexpected(tensor.error());
    if (tensor->shape().rank() != 1) {
      const std::string detail = fmt::format("{} '{}' has shape {}", kRoles[i], read.names[i], tensor->shape().text());
      return spatial ? refuse("F19", detail + " where one axis is needed")
                     : refuse("F12", detail + ": spatial is 0, so every position has its own statistics");
    }
    auto values = finite_values(*tensor, read.names[i], kRoles[i]);
    if (!values) return tl::unexpected(values.error());
    read.values[i] = std::move(*values);
    if (read.values[i].size() != read.values[0].size())
      return refuse("F19", fmt::format("{} '{}' has {} elements, scale '{}' has {}", kRoles[i], read.names[i],
                                       read.values[i].size(), read.names[0], read.values[0].size()));
  }
  return read;
}

Attempt<std::vector<DoubleDouble>> before_rounding(const FoldContext& context, const std::string& name) {
  auto exact = exact_constant(context, name, "parameter", "F17");
  if (!exact) return tl::unexpected(exact.error());
  std::vector<DoubleDouble> values;
  for (std::size_t i = 0; i < static_cast<std::size_t>(exact->shape.elements()); ++i) values.push_back(exact->value(i));
  return values;
}

Attempt<void> check_variance(const BatchNormParameters& parameters, const std::string& name) {
  for (std::size_t c = 0; c < parameters.variance.size(); ++c) {
    const double sum = parameters.variance[c] + parameters.epsilon;
    if (sum > 0) continue;
    return refuse(sum < 0 ? "F21" : "F23",
                  fmt::format("variance '{}' plus epsilon {} is {} in channel {}", name, parameters.epsilon, sum, c),
                  "recompute the statistics, or give a positive epsilon");
  }
  return {};
}

ChannelFacts facts_of(const BatchNormParameters& parameters, const Affine& affine) {
  ChannelFacts facts;
  facts.channels = static_cast<std::int64_t>(affine.channels());
  facts.min_scale = affine.channels() == 0 ? 0 : HUGE_VAL;
  for (std::size_t c = 0; c < affine.channels(); ++c) {
    const double scale = std::fabs(affine.scale[c].hi);
    facts.min_scale = std::min(facts.min_scale, scale);
    facts.max_scale = std::max(facts.max_scale, scale);
    const auto channel = static_cast<std::int64_t>(c);
    if (parameters.gamma[c] == 0) facts.dead.push_back(channel);
    const double spread = parameters.variance[c] + parameters.epsilon;
    if (parameters.variance[c] <= parameters.epsilon && spread < 1) facts.amplifying.push_back(channel);
    if (parameters.variance[c] < 0) facts.negative_variance.push_back(channel);
  }
  return facts;
}

}  // namespace

Attempt<void> check_inference(const Node& node, std::int64_t opset) {
  AttributeReader attributes(node);
  if (opset < kFirstOpsetWithoutIsTest) {
    if (attributes.integer("is_test", 0) == 0)
      return refuse("F01", fmt::format("attribute is_test is 0, which in opset {} means training", opset),
                    kExportAgain);
  } else if (opset >= kFirstOpsetWithTrainingMode) {
    if (attributes.integer("training_mode", 0) != 0)
      return refuse("F05", "attribute training_mode is 1: the node normalizes by its batch", kExportAgain);
  }
  if (present_outputs(node) == 1 && !node.outputs[0].empty()) return {};
  if (opset < kFirstOpsetWithoutIsTest || opset >= kFirstOpsetWithTrainingMode)
    return refuse("F04", "the node has outputs besides the first", "remove the outputs nobody needs");
  return refuse(
      "F04", fmt::format("the node lists {} outputs, which in opset {} means training", present_outputs(node), opset),
      kExportAgain);
}

Node as_inference(Node node, std::int64_t opset) {
  const bool has_is_test = opset < kFirstOpsetWithoutIsTest;
  std::erase_if(node.attributes, [](const Attribute& a) { return a.name == "is_test" || a.name == "training_mode"; });
  if (has_is_test) node.attributes.push_back(Attribute::integer("is_test", 1));
  if (!node.outputs.empty()) node.outputs.resize(1);
  return node;
}

Attempt<BatchNormStep> batch_norm_step(const FoldContext& context, std::size_t position) {
  const Node& node = context.node(position);
  if (auto mode = check_inference(node, context.model.opset()); !mode) return tl::unexpected(mode.error());
  AttributeReader attributes(node);
  auto read = read_parameters(context, node, attributes.integer("spatial", 1) != 0);
  if (!read) return tl::unexpected(read.error());
  auto& values = read->values;
  const BatchNormParameters parameters{std::move(values[0]), std::move(values[1]), std::move(values[2]),
                                       std::move(values[3]), attributes.number("epsilon", kDefaultEpsilon)};
  if (auto good = check_variance(parameters, read->names[3]); !good) return tl::unexpected(good.error());
  const auto gamma = before_rounding(context, read->names[0]);
  if (!gamma) return tl::unexpected(gamma.error());
  const auto beta = before_rounding(context, read->names[1]);
  if (!beta) return tl::unexpected(beta.error());
  BatchNormStep step;
  step.affine = affine_of(parameters, *gamma, *beta);
  step.facts = facts_of(parameters, step.affine);
  return step;
}

}  // namespace pleat
