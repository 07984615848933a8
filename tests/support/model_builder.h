#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "runtime/graph/model.h"

namespace pleat {

/// Writes a small model down in a few words, for tests. A negative size in a shape is one the model leaves open.
class ModelBuilder {
 public:
  explicit ModelBuilder(std::int64_t opset = 17) { model_.opset_imports.push_back({"", opset}); }

  ModelBuilder& input(std::string name, const std::vector<std::int64_t>& dims, DType dtype = DType::kFloat) {
    model_.graph.inputs.push_back(value(std::move(name), dims, dtype));
    return *this;
  }
  ModelBuilder& output(std::string name, DType dtype = DType::kFloat) {
    ValueInfo info;
    info.name = std::move(name);
    info.type.dtype = dtype;
    model_.graph.outputs.push_back(std::move(info));
    return *this;
  }
  ModelBuilder& constant(std::string name, Tensor tensor) {
    Initializer initializer;
    initializer.name = std::move(name);
    initializer.tensor = std::move(tensor);
    model_.graph.initializers.push_back(std::move(initializer));
    return *this;
  }
  /// The node is named like its first output.
  ModelBuilder& node(std::string op_type, std::vector<std::string> inputs, std::vector<std::string> outputs,
                     std::vector<Attribute> attributes = {}) {
    Node made;
    made.name = outputs.empty() ? op_type : outputs[0];
    made.op_type = std::move(op_type);
    made.inputs = std::move(inputs);
    made.outputs = std::move(outputs);
    made.attributes = std::move(attributes);
    model_.graph.nodes.push_back(std::move(made));
    return *this;
  }

  Model& model() { return model_; }
  std::shared_ptr<const Model> share() const { return std::make_shared<const Model>(model_); }

 private:
  static ValueInfo value(std::string name, const std::vector<std::int64_t>& dims, DType dtype) {
    ValueInfo info;
    info.name = std::move(name);
    info.type.dtype = dtype;
    info.type.shape.emplace();
    for (std::int64_t dim : dims) {
      info.type.shape->emplace_back();
      info.type.shape->back().value = dim;
    }
    return info;
  }

  Model model_;
};

}  // namespace pleat
