#include "runtime/onnx/model_writer.h"

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/tensor_writer.h"
#include "runtime/onnx/wire.h"

namespace pleat::wire {
namespace {

/// Unmodelled fields come first in each message: where one repeats a modelled singular field, the modelled one holds.
class ModelWriter {
 public:
  ModelWriter(ProtoWriter& out, DataLayout* data) : out_(out), data_(data) {}

  void write(const Model& model);

 private:
  void write_graph(const Graph& graph);
  void write_function(const Function& function);
  void write_node(std::uint32_t number, const Node& node);
  void write_attribute(std::uint32_t number, const Attribute& attribute);
  void write_as_it_came(std::uint32_t number, const Attribute& attribute);
  void write_initializer(const Initializer& initializer);
  void write_value_info(std::uint32_t number, const ValueInfo& info);
  void write_type(const TensorType& type);
  void write_dim(const Dim& dim);
  void write_imports(std::uint32_t number, const std::vector<OpsetImport>& imports);

  struct ValueWriter;

  ProtoWriter& out_;
  DataLayout* data_;
};

/// Writes the field that holds an attribute's value.
struct ModelWriter::ValueWriter {
  ModelWriter& to;

  void operator()(std::monostate) const {}
  void operator()(float value) const { to.out_.float32(attribute_proto::kFloat, value); }
  void operator()(std::int64_t value) const { to.out_.integer(attribute_proto::kInt, value); }
  void operator()(const std::string& value) const { to.out_.bytes(attribute_proto::kString, value); }
  void operator()(const Tensor& value) const {
    if (!value.present()) throw Malformed{Error::internal("an attribute holds a tensor without elements")};
    write_tensor(to.out_, attribute_proto::kTensor, {{}, value}, to.data_);
  }
  void operator()(const std::shared_ptr<Graph>& value) const {
    if (value == nullptr) throw Malformed{Error::internal("an attribute holds no graph")};
    to.out_.message(attribute_proto::kGraph, [&] { to.write_graph(*value); });
  }
  void operator()(const std::vector<float>& values) const {
    for (const float value : values) to.out_.float32(attribute_proto::kFloats, value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    for (const std::int64_t value : values) to.out_.integer(attribute_proto::kInts, value);
  }
  void operator()(const std::vector<std::string>& values) const {
    for (const std::string& value : values) to.out_.bytes(attribute_proto::kStrings, value);
  }
};

Attribute::Type type_of(const Attribute& attribute) {
  using enum Attribute::Type;
  constexpr Attribute::Type kTypes[] = {kUndefined, kFloat, kInt, kString, kTensor, kGraph, kFloats, kInts, kStrings};
  return attribute.type != kUndefined ? attribute.type : kTypes[attribute.value.index()];
}

void ModelWriter::write_attribute(std::uint32_t number, const Attribute& attribute) {
  using namespace attribute_proto;
  if (!attribute.encoded.empty()) {
    write_as_it_came(number, attribute);
    return;
  }
  out_.message(number, [&] {
    out_.raw(attribute.unmodelled);
    out_.text(kName, attribute.name);
    std::visit(ValueWriter{*this}, attribute.value);
    out_.text(kDocString, attribute.doc_string);
    out_.nonzero(kType, static_cast<std::int64_t>(type_of(attribute)));
    out_.text(kRefAttrName, attribute.ref_attr_name);
  });
}

/// An encoded attribute, its tensor moved to `data_` where it belongs there.
void ModelWriter::write_as_it_came(std::uint32_t number, const Attribute& attribute) {
  using namespace attribute_proto;
  std::string_view encoded_tensor;
  int tensors = 0;
  Fields fields(attribute.encoded, "AttributeProto", attribute.encoded.data());
  while (data_ != nullptr && fields.next()) {
    if (fields.number() != kTensor) continue;
    encoded_tensor = fields.bytes();
    ++tensors;
  }
  static const Tensor kNotModelled;
  const auto* tensor = std::get_if<Tensor>(&attribute.value);
  const TensorSource source{{}, tensor != nullptr ? *tensor : kNotModelled, encoded_tensor};
  if (tensors != 1 || encoded_tensor.empty() || !goes_external(source)) {
    write_named(out_, number, attribute.encoded, kName, attribute.name);
    return;
  }
  out_.message(number, [&] {
    write_fields_but(out_, attribute.encoded, [](std::uint32_t n) { return n == kName || n == kTensor; });
    out_.text(kName, attribute.name);
    write_tensor(out_, kTensor, source, data_);
  });
}

void ModelWriter::write_node(std::uint32_t number, const Node& node) {
  using namespace node_proto;
  out_.message(number, [&] {
    out_.raw(node.unmodelled);
    for (const std::string& name : node.inputs) out_.bytes(kInput, name);
    for (const std::string& name : node.outputs) out_.bytes(kOutput, name);
    out_.text(kName, node.name);
    out_.text(kOpType, node.op_type);
    for (const Attribute& attribute : node.attributes) write_attribute(kAttribute, attribute);
    out_.text(kDocString, node.doc_string);
    out_.text(kDomain, node.domain);
    out_.text(kOverload, node.overload);
  });
}

void ModelWriter::write_initializer(const Initializer& initializer) {
  if (initializer.encoded.empty() && !initializer.tensor.present())
    throw Malformed{Error::internal("the initializer '" + initializer.name + "' has no elements")};
  write_tensor(out_, graph_proto::kInitializer,
               {initializer.name, initializer.tensor, initializer.encoded, initializer.doc_string}, data_);
}

void ModelWriter::write_dim(const Dim& dim) {
  using namespace dim_proto;
  out_.raw(dim.unmodelled);
  if (dim.known())
    out_.integer(kValue, dim.value);
  else
    out_.text(kParam, dim.param);
  out_.text(kDenotation, dim.denotation);
}

void ModelWriter::write_type(const TensorType& type) {
  using namespace tensor_type_proto;
  out_.message(type_proto::kTensorType, [&] {
    out_.nonzero(kElemType, static_cast<std::int64_t>(type.dtype));
    if (!type.shape) return;
    out_.message(kShape, [&] {
      for (const Dim& dim : *type.shape) out_.message(shape_proto::kDim, [&] { write_dim(dim); });
    });
  });
}

void ModelWriter::write_value_info(std::uint32_t number, const ValueInfo& info) {
  using namespace value_info_proto;
  out_.message(number, [&] {
    out_.raw(info.unmodelled);
    out_.text(kName, info.name);
    if (!info.encoded_type.empty())
      out_.bytes(kType, info.encoded_type);
    else if (info.type.dtype != DType::kUndefined)
      out_.message(kType, [&] { write_type(info.type); });
    out_.text(kDocString, info.doc_string);
  });
}

void ModelWriter::write_graph(const Graph& graph) {
  using namespace graph_proto;
  out_.raw(graph.unmodelled);
  for (const Node& node : graph.nodes) write_node(kNode, node);
  out_.text(kName, graph.name);
  for (const Initializer& initializer : graph.initializers) write_initializer(initializer);
  out_.text(kDocString, graph.doc_string);
  for (const ValueInfo& info : graph.inputs) write_value_info(kInput, info);
  for (const ValueInfo& info : graph.outputs) write_value_info(kOutput, info);
  for (const ValueInfo& info : graph.value_info) write_value_info(kValueInfo, info);
}

void ModelWriter::write_function(const Function& function) {
  using namespace function_proto;
  out_.raw(function.unmodelled);
  out_.text(kName, function.name);
  for (const std::string& name : function.inputs) out_.bytes(kInput, name);
  for (const std::string& name : function.outputs) out_.bytes(kOutput, name);
  for (const std::string& name : function.attributes) out_.bytes(kAttribute, name);
  for (const Node& node : function.nodes) write_node(kNode, node);
  out_.text(kDocString, function.doc_string);
  write_imports(kOpsetImport, function.opset_imports);
  out_.text(kDomain, function.domain);
  for (const Attribute& attribute : function.attribute_defaults) write_attribute(kAttributeProto, attribute);
  for (const ValueInfo& info : function.value_info) write_value_info(kValueInfo, info);
  out_.text(kOverload, function.overload);
}

void ModelWriter::write_imports(std::uint32_t number, const std::vector<OpsetImport>& imports) {
  for (const OpsetImport& import : imports) {
    out_.message(number, [&] {
      out_.raw(import.unmodelled);
      out_.text(opset_proto::kDomain, import.domain);
      out_.nonzero(opset_proto::kVersion, import.version);
    });
  }
}

void ModelWriter::write(const Model& model) {
  using namespace model_proto;
  out_.nonzero(kIrVersion, model.ir_version);
  out_.raw(model.unmodelled);
  out_.text(kProducerName, model.producer_name);
  out_.text(kProducerVersion, model.producer_version);
  out_.text(kDomain, model.domain);
  if (model.model_version) out_.integer(kModelVersion, *model.model_version);
  out_.text(kDocString, model.doc_string);
  out_.message(kGraph, [&] { write_graph(model.graph); });
  write_imports(kOpsetImport, model.opset_imports);
  for (const auto& entry : model.metadata_props) {
    out_.message(kMetadataProps, [&] {
      out_.bytes(entry_proto::kKey, entry.first);
      out_.bytes(entry_proto::kValue, entry.second);
    });
  }
  for (const Function& function : model.functions) out_.message(kFunctions, [&] { write_function(function); });
}

}  // namespace

void write_model_fields(ProtoWriter& out, const Model& model, DataLayout* data) { ModelWriter(out, data).write(model); }

Status check_size(const ProtoWriter& message) {
  constexpr std::size_t kMost = 0x7fffffff;
  if (message.size() <= kMost) return {};
  return fail(Error::resource("the model is larger than an ONNX file may be")
                  .expect("at most " + std::to_string(kMost) + " bytes besides external data")
                  .saw(std::to_string(message.size()) + " bytes")
                  .fix("write the weights as external data, or store fewer or smaller ones"));
}

}  // namespace pleat::wire
