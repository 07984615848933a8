#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "runtime/tensor/tensor.h"

namespace pleat {

/// The in-memory form of an ONNX file. Names follow onnx.proto. Values are known by name, as in ONNX; an inner graph
/// sees the names of the graphs around it. Each struct keeps, encoded, the fields that this code does not model
/// (`unmodelled`), so that what is not touched is written back as it came.

struct Graph;

/// One size of a value's shape: known, named ("N"), or neither.
struct Dim {
  std::int64_t value = -1;  ///< negative: not known
  std::string param;
  std::string denotation;
  std::string unmodelled;

  bool known() const { return value >= 0; }
};

struct TensorType {
  DType dtype = DType::kUndefined;
  std::optional<std::vector<Dim>> shape;  ///< absent: the rank is not known

  /// The shape where every size is known.
  std::optional<Shape> static_shape() const;
};

/// A graph input, output or annotated inner value.
struct ValueInfo {
  std::string name;
  TensorType type;
  std::string encoded_type;  ///< TypeProto as it came; wins over `type` when written, cleared by who changes `type`
  std::string doc_string;
  std::string unmodelled;
};

/// A named constant of a graph.
struct Initializer {
  std::string name;
  Tensor tensor;             ///< undefined dtype where the element type is not modelled (strings, float8, int4)
  std::string_view encoded;  ///< TensorProto as it came (kept alive by Model::storage), empty for a new one
  std::string doc_string;
};

struct Attribute {
  /// Numbers of AttributeProto.AttributeType.
  enum class Type : std::int32_t {
    kUndefined = 0,
    kFloat = 1,
    kInt = 2,
    kString = 3,
    kTensor = 4,
    kGraph = 5,
    kFloats = 6,
    kInts = 7,
    kStrings = 8,
    kTensors = 9,
    kGraphs = 10,
    kSparseTensor = 11,
    kSparseTensors = 12,
    kTypeProto = 13,
    kTypeProtos = 14,
  };
  using Value = std::variant<std::monostate, float, std::int64_t, std::string, Tensor, std::shared_ptr<Graph>,
                             std::vector<float>, std::vector<std::int64_t>, std::vector<std::string>>;

  std::string name;
  Type type = Type::kUndefined;
  Value value;                ///< monostate where the type is carried only in encoded form
  std::string ref_attr_name;  ///< inside a model-local function: the outer attribute meant
  std::string_view encoded;   ///< AttributeProto as it came (kept alive by Model::storage), empty for a new one;
                              ///< not used for graphs, which may have been rewritten inside
  std::string doc_string;
  std::string unmodelled;

  /// The inner graph that this attribute is, else null.
  const Graph* graph() const {
    const auto* graph = std::get_if<std::shared_ptr<Graph>>(&value);
    return graph != nullptr ? graph->get() : nullptr;
  }

  static Attribute number(std::string name, float value) {
    return {std::move(name), Type::kFloat, value, {}, {}, {}, {}};
  }
  static Attribute integer(std::string name, std::int64_t value) {
    return {std::move(name), Type::kInt, value, {}, {}, {}, {}};
  }
  static Attribute text(std::string name, std::string value) {
    return {std::move(name), Type::kString, std::move(value), {}, {}, {}, {}};
  }
  static Attribute integers(std::string name, std::vector<std::int64_t> value) {
    return {std::move(name), Type::kInts, std::move(value), {}, {}, {}, {}};
  }
  static Attribute tensor(std::string name, Tensor value) {
    return {std::move(name), Type::kTensor, std::move(value), {}, {}, {}, {}};
  }
};

struct Node {
  std::string name;
  std::string op_type;
  std::string domain;                ///< "" and "ai.onnx" both mean the standard operators
  std::vector<std::string> inputs;   ///< "" is an omitted optional input
  std::vector<std::string> outputs;  ///< "" is an omitted optional output
  std::vector<Attribute> attributes;
  std::string doc_string;
  std::string unmodelled;
  std::string overload;  ///< which of the model-local functions of this name is called

  const Attribute* attribute(std::string_view name) const;
  bool is(std::string_view op) const { return op_type == op && (domain.empty() || domain == "ai.onnx"); }
  /// "node 'conv1' (Conv)"; a nameless node is called by its first output.
  std::string label() const;
};

struct Graph {
  std::string name;
  std::vector<Node> nodes;  ///< in topological order, as ONNX demands
  std::vector<Initializer> initializers;
  std::vector<ValueInfo> inputs;
  std::vector<ValueInfo> outputs;
  std::vector<ValueInfo> value_info;
  std::string doc_string;
  std::string unmodelled;

  const Initializer* initializer(std::string_view name) const;
  const ValueInfo* input(std::string_view name) const;
};

struct OpsetImport {
  std::string domain;
  std::int64_t version = 0;
  std::string unmodelled = {};
};

/// The standard operators' domain has two names, "" and "ai.onnx": the shorter one for both.
std::string_view short_domain(std::string_view domain);

/// The version of `domain` among `imports`, 0 where it is not imported.
std::int64_t opset_in(const std::vector<OpsetImport>& imports, std::string_view domain);

/// A model-local function: an operator made of nodes. Nodes call it by `domain`, `name` and `overload`. It sees no
/// names but its own inputs; its opset imports tell what its nodes mean.
struct Function {
  std::string name;
  std::string domain;
  std::string overload;  ///< tells apart functions of one name (ONNX 1.16 and later)
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::vector<std::string> attributes;        ///< names a call may give; no defaults
  std::vector<Attribute> attribute_defaults;  ///< attributes a call may give, with what holds where it does not
  std::vector<Node> nodes;                    ///< in topological order
  std::vector<OpsetImport> opset_imports;
  std::vector<ValueInfo> value_info;
  std::string doc_string;
  std::string unmodelled;

  /// "function 'name' of domain 'd'".
  std::string label() const;
};

struct Model {
  std::int64_t ir_version = 8;
  std::vector<OpsetImport> opset_imports;
  std::string producer_name;
  std::string producer_version;
  std::string domain;
  std::optional<std::int64_t> model_version;
  std::string doc_string;
  std::vector<std::pair<std::string, std::string>> metadata_props;
  Graph graph;
  std::vector<Function> functions;
  std::string unmodelled;               ///< training information included
  std::shared_ptr<const void> storage;  ///< the mapped file behind views and encoded spans

  /// The imported version of `domain` ("" for the standard operators), 0 where it is not imported.
  std::int64_t opset(std::string_view domain = {}) const;
  const std::string* metadata(std::string_view key) const;
  void set_metadata(std::string_view key, std::string value);
};

/// Structure only: names defined once and before use, node outputs not reused, graph outputs produced.
/// Inner graphs and functions included.
Status check(const Model& model);

}  // namespace pleat
