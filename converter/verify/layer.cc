#include "converter/verify/layer.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "converter/fold/constants.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

class LayerReader {
 public:
  LayerReader(const Model& model, const FoldEntry& entry) : context_(model, model.graph), entry_(entry) {}

  Result<CheckedLayer> read() {
    layer_.batch_norm = entry_.batch_norm;
    layer_.target = entry_.target;
    layer_.target_op = entry_.target_op;
    layer_.input = entry_.input;
    layer_.output = entry_.output;
    layer_.new_weight = entry_.new_weight;
    layer_.new_bias = entry_.new_bias;
    PLEAT_TRY(read_node());
    for (const FoldStep& step : entry_.steps) PLEAT_TRY(read_step(step));
    if (!layer_.gone.empty() && layer_.gone.back() != entry_.output)
      return fail(broken("its nodes do not end in '" + entry_.output + "'"));
    compose();
    return std::move(layer_);
  }

 private:
  Error broken(const std::string& what) const {
    return Error::invalid("the fold map does not fit the unfolded model: " + what).at("'" + entry_.batch_norm + "'");
  }

  Result<std::vector<double>> values(const std::string& name) const {
    const auto tensor = constant(context_, name, "constant", "F50");
    if (!tensor) return fail(broken(tensor.error().detail));
    return to_doubles(*tensor);
  }

  Status read_node() {
    const auto producer = context_.uses.producer(entry_.producer_output);
    if (!producer) return fail(broken("nothing makes '" + entry_.producer_output + "'"));
    const Node& node = context_.graph.nodes[*producer];
    if (node.inputs.size() < 2 || node.inputs[0] != entry_.input)
      return fail(broken(node.label() + " does not read '" + entry_.input + "'"));
    layer_.node = *producer;
    layer_.gone.push_back(entry_.producer_output);
    const auto weight = constant(context_, node.inputs[1], "weight", "F50");
    if (!weight) return fail(broken(weight.error().detail));
    layer_.weight = *weight;
    PLEAT_TRY(read_axis(node));
    return read_bias(node);
  }

  Status read_axis(const Node& node) {
    const Shape& shape = layer_.weight.shape();
    if (node.is("Conv") && shape.rank() >= 3) {
      layer_.weight_axis = 0;
    } else if (node.is("Gemm") && shape.rank() == 2) {
      AttributeReader attributes(node);
      layer_.weight_axis = attributes.integer("transB", 0) != 0 ? 0 : 1;
      layer_.bias_factor = attributes.number("beta", 1.0F);
      layer_.extra_roundings = 3;
    } else if (node.is("MatMul") && shape.rank() == 2) {
      layer_.weight_axis = 1;
    } else {
      return fail(broken(node.label() + " with a weight of shape " + shape.text() + " cannot take a fold"));
    }
    layer_.scale.assign(static_cast<std::size_t>(shape[layer_.weight_axis]), 1.0);
    if (layer_.scale.empty()) return fail(broken("the layer has no channels"));
    layer_.terms = shape.elements() / shape[layer_.weight_axis];
    return {};
  }

  Status read_bias(const Node& node) {
    const std::size_t channels = layer_.channels();
    layer_.bias.assign(channels, 0);
    if (node.is("MatMul") || node.inputs.size() < 3 || node.inputs[2].empty()) return {};
    const auto tensor = constant(context_, node.inputs[2], "bias", "F34");
    if (!tensor) return fail(broken(tensor.error().detail));
    PLEAT_ASSIGN(const std::vector<double> stored, to_doubles(*tensor));
    const Shape& shape = tensor->shape();
    const auto columns = static_cast<std::size_t>(shape.rank() == 0 ? 1 : shape[shape.rank() - 1]);
    layer_.bias_rows = shape.rank() == 2 ? shape[0] : 1;
    if (shape.rank() > 2 || (columns != 1 && columns != channels) || stored.empty())
      return fail(broken("a bias of shape " + shape.text()));
    layer_.bias.resize(static_cast<std::size_t>(layer_.bias_rows) * channels);
    for (std::size_t i = 0; i < layer_.bias.size(); ++i)
      layer_.bias[i] = stored[i / channels * columns + (columns == 1 ? 0 : i % channels)];
    return {};
  }

  Status read_step(const FoldStep& step) {
    const auto producer = context_.uses.producer(step.output);
    if (!producer) return fail(broken("nothing makes '" + step.output + "'"));
    const Node& node = context_.graph.nodes[*producer];
    const std::string& before = layer_.gone.back();
    if (std::find(node.inputs.begin(), node.inputs.end(), before) == node.inputs.end())
      return fail(broken(node.label() + " does not read '" + before + "'"));
    if (node.is("BatchNormalization")) {
      PLEAT_TRY(read_batch_norm(node));
    } else if (node.is("Add") && node.inputs.size() == 2) {
      PLEAT_TRY(read_add(node.inputs[node.inputs[0] == before ? 1 : 0]));
    } else {
      return fail(broken(node.label() + " is no step of a fold"));
    }
    layer_.gone.push_back(step.output);
    return {};
  }

  Status read_batch_norm(const Node& node) {
    if (node.inputs.size() != 5) return fail(broken(node.label() + " has not five inputs"));
    AttributeReader attributes(node);
    const double epsilon = attributes.number("epsilon", 1e-5F);
    PLEAT_ASSIGN(const std::vector<double> gamma, values(node.inputs[1]));
    LayerStep step;
    PLEAT_ASSIGN(step.bias, values(node.inputs[2]));
    PLEAT_ASSIGN(step.mean, values(node.inputs[3]));
    PLEAT_ASSIGN(const std::vector<double> variance, values(node.inputs[4]));
    for (const std::vector<double>* list : {&gamma, &std::as_const(step.bias), &std::as_const(step.mean), &variance})
      if (list->size() != layer_.channels()) return fail(broken(node.label() + " has parameters of another length"));
    for (std::size_t c = 0; c < gamma.size(); ++c)
      step.scale.push_back(DoubleDouble(gamma[c]) / sqrt(two_sum(variance[c], epsilon)));
    layer_.steps.push_back(std::move(step));
    return {};
  }

  Status read_add(const std::string& name) {
    PLEAT_ASSIGN(std::vector<double> addend, values(name));
    if (addend.size() == 1) addend.assign(layer_.channels(), addend[0]);
    if (addend.size() != layer_.channels()) return fail(broken("'" + name + "' is not one value per channel"));
    LayerStep step;
    step.scale.assign(layer_.channels(), 1.0);
    step.mean.assign(layer_.channels(), 0.0);
    step.bias = std::move(addend);
    layer_.steps.push_back(std::move(step));
    return {};
  }

  void compose() {
    const std::size_t channels = layer_.channels();
    for (const double b : layer_.bias) {
      layer_.moved.push_back(two_prod(layer_.bias_factor, b));
      layer_.moved_terms.push_back(std::fabs(layer_.bias_factor * b));
    }
    for (const LayerStep& step : layer_.steps) {
      for (std::size_t c = 0; c < channels; ++c) layer_.scale[c] = layer_.scale[c] * step.scale[c];
      for (std::size_t i = 0; i < layer_.moved.size(); ++i) {
        const std::size_t c = i % channels;
        layer_.moved[i] = step.scale[c] * (layer_.moved[i] - step.mean[c]) + step.bias[c];
        layer_.moved_terms[i] =
            std::fabs(step.scale[c].hi) * (layer_.moved_terms[i] + std::fabs(step.mean[c])) + std::fabs(step.bias[c]);
      }
    }
  }

  FoldContext context_;
  const FoldEntry& entry_;
  CheckedLayer layer_;
};

}  // namespace

Result<CheckedLayer> read_layer(const Model& unfolded, const FoldEntry& entry) {
  return LayerReader(unfolded, entry).read();
}

Result<std::vector<CheckedLayer>> read_layers(const Model& unfolded, const FoldMap& map) {
  std::vector<CheckedLayer> layers;
  for (const FoldEntry& entry : map.entries) {
    if (!entry.folded || !entry.into.empty()) continue;
    PLEAT_ASSIGN(CheckedLayer layer, read_layer(unfolded, entry));
    layers.push_back(std::move(layer));
  }
  return layers;
}

}  // namespace pleat
