#pragma once

#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "runtime/graph/attributes.h"
#include "runtime/graph/uses.h"

namespace pleat {

/// A plain folder of its own for tests of what judges folds: every BatchNormalization behind a Conv, Gemm or MatMul
/// whose output nobody else reads. Computed in double, rounded once. MatMul becomes Gemm.
inline Model hand_fold(const Model& model) {
  Model folded = model;
  Graph& graph = folded.graph;
  const auto values = [&](const std::string& name) { return to_doubles(graph.initializer(name)->tensor).value(); };
  const auto add = [&](const std::string& name, const Tensor& like, Shape shape, const std::vector<double>& numbers) {
    Initializer initializer;
    initializer.name = name;
    initializer.tensor = from_doubles(like.dtype(), std::move(shape), numbers).value();
    graph.initializers.push_back(std::move(initializer));
  };
  const Uses uses(model.graph);
  std::set<std::size_t> gone;
  for (std::size_t at = 0; at < graph.nodes.size(); ++at) {
    const Node norm = graph.nodes[at];
    const auto producer = norm.is("BatchNormalization") ? uses.producer(norm.inputs[0]) : std::nullopt;
    if (!producer || uses.readers(norm.inputs[0]).size() != 1) continue;
    Node& layer = graph.nodes[*producer];
    if (!layer.is("Conv") && !layer.is("Gemm") && !layer.is("MatMul")) continue;
    const Tensor weight = graph.initializer(layer.inputs[1])->tensor;
    AttributeReader attributes(layer);
    const bool rows = layer.is("Conv") || attributes.integer("transB", 0) != 0;
    const auto gamma = values(norm.inputs[1]), beta = values(norm.inputs[2]), mean = values(norm.inputs[3]),
               variance = values(norm.inputs[4]);
    AttributeReader of_norm(norm);
    const double epsilon = of_norm.number("epsilon", 1e-5F);
    auto w = to_doubles(weight).value();
    auto b = layer.inputs.size() > 2 ? values(layer.inputs[2]) : std::vector<double>(gamma.size(), 0.0);
    const std::size_t channels = gamma.size(), terms = w.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const double scale = gamma[c] / std::sqrt(variance[c] + epsilon);
      for (std::size_t k = 0; k < terms; ++k) w[rows ? c * terms + k : k * channels + c] *= scale;
      b[c] = scale * (b[c] - mean[c]) + beta[c];
    }
    add(norm.outputs[0] + ".w", weight, weight.shape(), w);
    add(norm.outputs[0] + ".b", weight, Shape{static_cast<std::int64_t>(channels)}, b);
    if (layer.is("MatMul")) layer.op_type = "Gemm";
    layer.inputs = {layer.inputs[0], norm.outputs[0] + ".w", norm.outputs[0] + ".b"};
    layer.outputs = norm.outputs;
    gone.insert(at);
  }
  std::vector<Node> kept;
  for (std::size_t at = 0; at < graph.nodes.size(); ++at)
    if (gone.count(at) == 0) kept.push_back(graph.nodes[at]);
  graph.nodes = std::move(kept);
  return folded;
}

}  // namespace pleat
