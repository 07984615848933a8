#include "converter/build/layer_nodes.h"

#include <fmt/format.h>

namespace pleat {
namespace {

std::vector<std::int64_t> list(const std::array<std::int64_t, 2>& pair) { return {pair[0], pair[1]}; }

/// Begins of both axes, then ends.
std::vector<std::int64_t> pads(const std::array<std::int64_t, 2>& padding) {
  return {padding[0], padding[1], padding[0], padding[1]};
}

/// Fills in operator, parameters and attributes of a node that already has its name, input and output.
class NodeWriter {
 public:
  NodeWriter(Node& node, std::size_t index) : node_(node), index_(index) {}

  void operator()(const Conv2dSpec& layer) {
    node_.op_type = "Conv";
    read({"weight"});
    if (layer.bias) read({"bias"});
    node_.attributes = {
        Attribute::integers("dilations", {1, 1}),
        Attribute::integer("group", 1),
        Attribute::integers("kernel_shape", list(layer.kernel_size)),
        Attribute::integers("pads", pads(layer.padding)),
        Attribute::integers("strides", list(layer.stride)),
    };
  }

  void operator()(const LinearSpec& layer) {
    node_.op_type = "Gemm";
    read({"weight"});
    if (layer.bias) read({"bias"});
    node_.attributes = {
        Attribute::number("alpha", 1.0F),
        Attribute::number("beta", 1.0F),
        Attribute::integer("transA", 0),
        Attribute::integer("transB", 1),
    };
  }

  /// One output means inference in every opset here; from 14 on training_mode is 0 when absent. ONNX weighs the old
  /// average where PyTorch weighs the new batch; a plain average has no momentum to tell.
  void operator()(const BatchNormSpec& layer) {
    node_.op_type = "BatchNormalization";
    read({"weight", "bias", "running_mean", "running_var"});
    node_.attributes = {Attribute::number("epsilon", static_cast<float>(layer.eps))};
    if (layer.momentum)
      node_.attributes.push_back(Attribute::number("momentum", static_cast<float>(1 - *layer.momentum)));
  }

  void operator()(const Pool2dSpec& layer) {
    const bool average = layer.kind == Pool2dSpec::Kind::kAverage;
    node_.op_type = average ? "AveragePool" : "MaxPool";
    node_.attributes = {
        Attribute::integer("ceil_mode", 0),
        Attribute::integers("kernel_shape", list(layer.kernel_size)),
        Attribute::integers("pads", pads(layer.padding)),
        Attribute::integers("strides", list(layer.stride)),
    };
    if (average) node_.attributes.push_back(Attribute::integer("count_include_pad", 1));
  }

  void operator()(const SigmoidSpec&) { node_.op_type = "Sigmoid"; }
  void operator()(const ReluSpec&) { node_.op_type = "Relu"; }
  void operator()(const FlattenSpec&) {
    node_.op_type = "Flatten";
    node_.attributes = {Attribute::integer("axis", 1)};
  }

 private:
  void read(std::initializer_list<std::string_view> parameters) {
    for (const auto parameter : parameters) node_.inputs.push_back(tensor_name(index_, parameter));
  }

  Node& node_;
  std::size_t index_;
};

}  // namespace

Node layer_node(const LayerSpec& spec, std::size_t index, const std::string& input, const std::string& output) {
  Node node;
  node.name = fmt::format("{}_{}", index, type_name(spec));
  node.inputs = {input};
  node.outputs = {output};
  std::visit(NodeWriter(node, index), spec);
  return node;
}

}  // namespace pleat
