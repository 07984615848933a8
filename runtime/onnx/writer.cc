#include "runtime/onnx/writer.h"

#include <protozero/pbf_writer.hpp>

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/tensor_writer.h"
#include "runtime/onnx/wire.h"

namespace pleat {
namespace {

using protozero::pbf_writer;
using wire::Malformed;

constexpr std::size_t kMostBytes = 0x7fffffff;

Error too_large() {
  return Error::resource("the model is larger than an ONNX file may be")
      .expect("at most 2147483647 bytes")
      .fix("store fewer or smaller weights; external data is read but not written yet");
}

/// Bytes of all constants: what decides whether a model can be one file, known before anything is written.
std::size_t constant_bytes(const Graph& graph) {
  std::size_t bytes = 0;
  for (const Initializer& initializer : graph.initializers)
    bytes += initializer.encoded.empty() ? initializer.tensor.byte_size() : initializer.encoded.size();
  for (const Node& node : graph.nodes) {
    for (const Attribute& attribute : node.attributes) {
      bytes += attribute.encoded.size();
      if (const auto* inner = std::get_if<std::shared_ptr<Graph>>(&attribute.value)) {
        if (*inner != nullptr) bytes += constant_bytes(**inner);
      } else if (const auto* tensor = std::get_if<Tensor>(&attribute.value)) {
        if (attribute.encoded.empty()) bytes += tensor->byte_size();
      }
    }
  }
  return bytes;
}

/// Unmodelled fields come first in each message: where one repeats a modelled singular field, the modelled one holds.
class MessageWriter {
 public:
  MessageWriter(std::string& out, std::string_view unmodelled) : out_(out), writer_(out) { out.append(unmodelled); }
  MessageWriter(MessageWriter& parent, std::uint32_t number, std::string_view unmodelled)
      : out_(parent.out_), parent_(&parent.writer_), number_(number), start_(out_.size()), writer_(*parent_, number) {
    out_.append(unmodelled);
  }
  /// protozero drops a message without content, which in ONNX may mean something: a scalar's shape, an unknown size.
  ~MessageWriter() {
    if (parent_ == nullptr) return;
    writer_.commit();
    if (out_.size() == start_) parent_->add_message(number_, "", 0);
  }
  MessageWriter(const MessageWriter&) = delete;
  MessageWriter& operator=(const MessageWriter&) = delete;

  void text(std::uint32_t number, std::string_view value) {
    if (!value.empty()) bytes(number, value);
  }
  void integer(std::uint32_t number, std::int64_t value) {
    if (value != 0) writer_.add_int64(number, value);
  }
  void bytes(std::uint32_t number, std::string_view value) { writer_.add_bytes(number, value.data(), value.size()); }
  pbf_writer& fields() { return writer_; }

 private:
  std::string& out_;
  pbf_writer* parent_ = nullptr;
  std::uint32_t number_ = 0;
  std::size_t start_ = 0;
  pbf_writer writer_;
};

void write_graph(MessageWriter& out, const Graph& graph);

void write_type(MessageWriter& info, const TensorType& type) {
  MessageWriter out(info, wire::value_info_proto::kType, {});
  MessageWriter tensor(out, wire::type_proto::kTensorType, {});
  tensor.integer(wire::tensor_type_proto::kElemType, static_cast<std::int64_t>(type.dtype));
  if (!type.shape) return;
  MessageWriter shape(tensor, wire::tensor_type_proto::kShape, {});
  for (const Dim& dim : *type.shape) {
    MessageWriter one(shape, wire::shape_proto::kDim, dim.unmodelled);
    if (dim.known())
      one.fields().add_int64(wire::dim_proto::kValue, dim.value);
    else
      one.text(wire::dim_proto::kParam, dim.param);
    one.text(wire::dim_proto::kDenotation, dim.denotation);
  }
}

void write_value_info(MessageWriter& graph, std::uint32_t number, const ValueInfo& info) {
  using namespace wire::value_info_proto;
  MessageWriter out(graph, number, info.unmodelled);
  out.text(kName, info.name);
  if (!info.encoded_type.empty())
    out.bytes(kType, info.encoded_type);
  else if (info.type.dtype != DType::kUndefined)
    write_type(out, info.type);
  out.text(kDocString, info.doc_string);
}

/// A message as it came, but for its name, which may have been changed.
void write_encoded(MessageWriter& out, std::uint32_t number, std::string_view encoded, std::uint32_t name_number,
                   std::string_view name) {
  const bool same = wire::has_name(encoded, name_number, name);
  out.bytes(number, same ? encoded : std::string_view(wire::with_name(encoded, name_number, name)));
}

void write_initializer(MessageWriter& graph, const Initializer& initializer) {
  using wire::graph_proto::kInitializer;
  if (!initializer.encoded.empty()) {
    write_encoded(graph, kInitializer, initializer.encoded, wire::tensor_proto::kName, initializer.name);
    return;
  }
  if (!initializer.tensor.present())
    throw Malformed{Error::internal("the initializer '" + initializer.name + "' has no elements")};
  graph.bytes(kInitializer, wire::encode_tensor(initializer.name, initializer.tensor, initializer.doc_string));
}

/// Writes the field that holds an attribute's value.
struct ValueWriter {
  MessageWriter& out;

  void operator()(std::monostate) const {}
  void operator()(float value) const { out.fields().add_float(wire::attribute_proto::kFloat, value); }
  void operator()(std::int64_t value) const { out.fields().add_int64(wire::attribute_proto::kInt, value); }
  void operator()(const std::string& value) const { out.bytes(wire::attribute_proto::kString, value); }
  void operator()(const Tensor& value) const {
    if (!value.present()) throw Malformed{Error::internal("an attribute holds a tensor without elements")};
    out.bytes(wire::attribute_proto::kTensor, wire::encode_tensor({}, value));
  }
  void operator()(const std::shared_ptr<Graph>& value) const {
    if (value == nullptr) throw Malformed{Error::internal("an attribute holds no graph")};
    MessageWriter inner(out, wire::attribute_proto::kGraph, value->unmodelled);
    write_graph(inner, *value);
  }
  void operator()(const std::vector<float>& values) const {
    for (const float value : values) out.fields().add_float(wire::attribute_proto::kFloats, value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    for (const std::int64_t value : values) out.fields().add_int64(wire::attribute_proto::kInts, value);
  }
  void operator()(const std::vector<std::string>& values) const {
    for (const std::string& value : values) out.bytes(wire::attribute_proto::kStrings, value);
  }
};

Attribute::Type type_of(const Attribute& attribute) {
  using enum Attribute::Type;
  constexpr Attribute::Type kTypes[] = {kUndefined, kFloat, kInt, kString, kTensor, kGraph, kFloats, kInts, kStrings};
  return attribute.type != kUndefined ? attribute.type : kTypes[attribute.value.index()];
}

void write_attribute(MessageWriter& node, const Attribute& attribute) {
  using namespace wire::attribute_proto;
  if (!attribute.encoded.empty()) {
    write_encoded(node, wire::node_proto::kAttribute, attribute.encoded, kName, attribute.name);
    return;
  }
  MessageWriter out(node, wire::node_proto::kAttribute, attribute.unmodelled);
  out.text(kName, attribute.name);
  std::visit(ValueWriter{out}, attribute.value);
  out.text(kDocString, attribute.doc_string);
  out.integer(kType, static_cast<std::int64_t>(type_of(attribute)));
  out.text(kRefAttrName, attribute.ref_attr_name);
}

void write_node(MessageWriter& graph, const Node& node) {
  using namespace wire::node_proto;
  MessageWriter out(graph, wire::graph_proto::kNode, node.unmodelled);
  for (const std::string& name : node.inputs) out.bytes(kInput, name);
  for (const std::string& name : node.outputs) out.bytes(kOutput, name);
  out.text(kName, node.name);
  out.text(kOpType, node.op_type);
  for (const Attribute& attribute : node.attributes) write_attribute(out, attribute);
  out.text(kDocString, node.doc_string);
  out.text(kDomain, node.domain);
}

void write_graph(MessageWriter& out, const Graph& graph) {
  using namespace wire::graph_proto;
  for (const Node& node : graph.nodes) write_node(out, node);
  out.text(kName, graph.name);
  for (const Initializer& initializer : graph.initializers) write_initializer(out, initializer);
  out.text(kDocString, graph.doc_string);
  for (const ValueInfo& info : graph.inputs) write_value_info(out, kInput, info);
  for (const ValueInfo& info : graph.outputs) write_value_info(out, kOutput, info);
  for (const ValueInfo& info : graph.value_info) write_value_info(out, kValueInfo, info);
}

void write_model(std::string& bytes, const Model& model) {
  using namespace wire::model_proto;
  if (model.ir_version != 0) pbf_writer(bytes).add_int64(kIrVersion, model.ir_version);
  MessageWriter out(bytes, model.unmodelled);
  out.text(kProducerName, model.producer_name);
  out.text(kProducerVersion, model.producer_version);
  out.text(kDomain, model.domain);
  if (model.model_version) out.fields().add_int64(kModelVersion, *model.model_version);
  out.text(kDocString, model.doc_string);
  {
    MessageWriter graph(out, kGraph, model.graph.unmodelled);
    write_graph(graph, model.graph);
  }
  for (const OpsetImport& opset : model.opset_imports) {
    MessageWriter import(out, kOpsetImport, opset.unmodelled);
    import.text(wire::opset_proto::kDomain, opset.domain);
    import.integer(wire::opset_proto::kVersion, opset.version);
  }
  for (const auto& [key, value] : model.metadata_props) {
    MessageWriter entry(out, kMetadataProps, {});
    entry.bytes(wire::entry_proto::kKey, key);
    entry.bytes(wire::entry_proto::kValue, value);
  }
}

}  // namespace

Result<std::string> serialize(const Model& model) {
  const std::size_t constants = constant_bytes(model.graph);
  if (constants > kMostBytes) return fail(too_large());
  try {
    std::string bytes;
    bytes.reserve(constants + constants / 16 + 4096);
    write_model(bytes, model);
    if (bytes.size() > kMostBytes) return fail(too_large());
    return bytes;
  } catch (Malformed& malformed) {
    return fail(std::move(malformed.error));
  } catch (const std::bad_alloc&) {
    return fail(Error::resource("not enough memory to write the model"));
  }
}

std::string serialize_tensor(const std::string& name, const Tensor& tensor) {
  return wire::encode_tensor(name, tensor);
}

}  // namespace pleat
