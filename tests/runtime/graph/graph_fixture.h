#pragma once

#include <memory>
#include <string>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat::test {

inline Node node(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs) {
  Node made;
  made.op_type = std::move(op);
  made.inputs = std::move(inputs);
  made.outputs = std::move(outputs);
  return made;
}

inline ValueInfo value(std::string name) {
  ValueInfo info;
  info.name = std::move(name);
  return info;
}

inline Initializer constant(std::string name, std::vector<float> values = {1}) {
  Initializer made;
  made.name = std::move(name);
  made.tensor = Tensor::of<float>({static_cast<std::int64_t>(values.size())}, values);
  return made;
}

inline Attribute inner_graph(std::string name, Graph graph) {
  Attribute made;
  made.name = std::move(name);
  made.type = Attribute::Type::kGraph;
  made.value = std::make_shared<Graph>(std::move(graph));
  return made;
}

/// x → Conv(w) → c → BatchNormalization(s) → b → Relu → y
inline Graph conv_bn_relu() {
  Graph graph;
  graph.name = "g";
  graph.inputs = {value("x")};
  graph.outputs = {value("y")};
  graph.initializers = {constant("w"), constant("s")};
  graph.nodes = {node("Conv", {"x", "w"}, {"c"}), node("BatchNormalization", {"c", "s"}, {"b"}),
                 node("Relu", {"b"}, {"y"})};
  return graph;
}

}  // namespace pleat::test
