#include "runtime/onnx/graph_reader.h"

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/tensor_writer.h"

namespace pleat::wire {
namespace {

constexpr int kDeepestGraph = 100;

/// Runs `read`; a failure inside is told to be at `place()`.
template <class Place, class Read>
void in_place(Place place, Read read) {
  try {
    read();
  } catch (Malformed& malformed) {
    throw Malformed{std::move(malformed.error).at(place())};
  }
}

void read_dim(Fields fields, std::vector<Dim>& dims) {
  Dim& dim = dims.emplace_back();
  while (fields.next()) {
    switch (fields.number()) {
      case dim_proto::kValue:
        dim.value = fields.integer();
        dim.param.clear();
        break;
      case dim_proto::kParam:
        dim.param = fields.bytes();
        dim.value = -1;
        break;
      case dim_proto::kDenotation: dim.denotation = fields.bytes(); break;
      default: dim.unmodelled += fields.raw();
    }
  }
}

void merge_tensor_type(Fields fields, TensorType& type) {
  while (fields.next()) {
    if (fields.number() == tensor_type_proto::kElemType) {
      const std::int64_t number = fields.integer();
      const bool known = number >= 0 && number <= static_cast<std::int64_t>(DType::kBfloat16);
      type.dtype = known ? static_cast<DType>(number) : DType::kUndefined;
    } else if (fields.number() == tensor_type_proto::kShape) {
      if (!type.shape) type.shape.emplace();
      Fields shape = fields.message("TensorShapeProto");
      while (shape.next())
        if (shape.number() == shape_proto::kDim) read_dim(shape.message("TensorShapeProto.Dimension"), *type.shape);
    }
  }
}

void merge_type(Fields fields, TensorType& type) {
  while (fields.next()) {
    if (fields.number() == type_proto::kTensorType) {
      merge_tensor_type(fields.message("TypeProto.Tensor"), type);
    } else if (fields.number() != type_proto::kDenotation) {
      type = {};  // a sequence, map, optional, …: of the alternatives the last one holds
    }
  }
}

/// The value fields of an AttributeProto, undecided until its type is known.
struct AttributeParts {
  std::optional<float> f;
  std::optional<std::int64_t> i;
  std::optional<std::string_view> s;
  std::optional<TensorParts> t;
  std::vector<Fields> g;
  TensorParts::Payloads floats, ints;
  std::vector<std::string> strings;

  /// Takes the current field if it is one of these.
  bool take(Fields& fields) {
    using namespace attribute_proto;
    switch (fields.number()) {
      case kFloat: f = fields.float32(); return true;
      case kInt: i = fields.integer(); return true;
      case kString: s = fields.bytes(); return true;
      case kTensor:
        if (!t) t.emplace();
        t->merge(fields.message("TensorProto"));
        return true;
      case kGraph: g.push_back(fields.message("GraphProto")); return true;
      case kFloats: floats.push_back(fields.payload()); return true;
      case kInts: ints.push_back(fields.payload()); return true;
      case kStrings: strings.emplace_back(fields.bytes()); return true;
      default: return false;
    }
  }

  /// Files older than IR version 2 do not name the type: it is that of the field in use.
  Attribute::Type type_in_use() const {
    using enum Attribute::Type;
    return f                  ? kFloat
           : i                ? kInt
           : s                ? kString
           : t                ? kTensor
           : !g.empty()       ? kGraph
           : !floats.empty()  ? kFloats
           : !ints.empty()    ? kInts
           : !strings.empty() ? kStrings
                              : kUndefined;
  }
};

/// The value fields other than `g` of an attribute that is a graph: without meaning, kept all the same.
std::string stray_values(Fields fields) {
  std::string raw;
  while (fields.next()) {
    AttributeParts parts;
    if (fields.number() != attribute_proto::kGraph && parts.take(fields)) raw += fields.raw();
  }
  return raw;
}

}  // namespace

OpsetImport read_opset(Fields fields) {
  OpsetImport opset;
  while (fields.next()) {
    switch (fields.number()) {
      case opset_proto::kDomain: read_text(fields, opset.domain, opset.unmodelled); break;
      case opset_proto::kVersion: read_integer(fields, opset.version, opset.unmodelled); break;
      default: opset.unmodelled += fields.raw();
    }
  }
  return opset;
}

void GraphReader::merge(Fields fields, Graph& graph, int depth) {
  using namespace graph_proto;
  if (depth > kDeepestGraph) throw Malformed{Error::invalid("graphs are nested too deep").expect("at most 100 graphs")};
  while (fields.next()) {
    switch (fields.number()) {
      case kNode:
        in_place([&] { return "node " + std::to_string(graph.nodes.size()); },
                 [&] { graph.nodes.push_back(node(fields.message("NodeProto"), depth)); });
        break;
      case kName: read_text(fields, graph.name, graph.unmodelled); break;
      case kInitializer: graph.initializers.push_back(initializer(fields.message("TensorProto"))); break;
      case kDocString: read_text(fields, graph.doc_string, graph.unmodelled); break;
      case kInput: graph.inputs.push_back(value_info(fields.message("ValueInfoProto"))); break;
      case kOutput: graph.outputs.push_back(value_info(fields.message("ValueInfoProto"))); break;
      case kValueInfo: graph.value_info.push_back(value_info(fields.message("ValueInfoProto"))); break;
      default: graph.unmodelled += fields.raw();
    }
  }
}

Function GraphReader::function(Fields fields) {
  using namespace function_proto;
  Function made;
  const auto read = [&] {
    while (fields.next()) {
      switch (fields.number()) {
        case kName: read_text(fields, made.name, made.unmodelled); break;
        case kDomain: read_text(fields, made.domain, made.unmodelled); break;
        case kOverload: read_text(fields, made.overload, made.unmodelled); break;
        case kInput: made.inputs.emplace_back(fields.bytes()); break;
        case kOutput: made.outputs.emplace_back(fields.bytes()); break;
        case kAttribute: made.attributes.emplace_back(fields.bytes()); break;
        case kAttributeProto: made.attribute_defaults.push_back(attribute(fields.message("AttributeProto"), 0)); break;
        case kNode:
          in_place([&] { return "node " + std::to_string(made.nodes.size()); },
                   [&] { made.nodes.push_back(node(fields.message("NodeProto"), 0)); });
          break;
        case kOpsetImport: made.opset_imports.push_back(read_opset(fields.message("OperatorSetIdProto"))); break;
        case kValueInfo: made.value_info.push_back(value_info(fields.message("ValueInfoProto"))); break;
        case kDocString: read_text(fields, made.doc_string, made.unmodelled); break;
        default: made.unmodelled += fields.raw();
      }
    }
  };
  in_place([&] { return made.label(); }, read);
  return made;
}

Node GraphReader::node(Fields fields, int depth) {
  using namespace node_proto;
  Node node;
  in_place([&] { return node.label(); },
           [&] {
             while (fields.next()) {
               switch (fields.number()) {
                 case kInput: node.inputs.emplace_back(fields.bytes()); break;
                 case kOutput: node.outputs.emplace_back(fields.bytes()); break;
                 case kName: read_text(fields, node.name, node.unmodelled); break;
                 case kOpType: read_text(fields, node.op_type, node.unmodelled); break;
                 case kAttribute: node.attributes.push_back(attribute(fields.message("AttributeProto"), depth)); break;
                 case kDocString: read_text(fields, node.doc_string, node.unmodelled); break;
                 case kDomain: read_text(fields, node.domain, node.unmodelled); break;
                 case kOverload: read_text(fields, node.overload, node.unmodelled); break;
                 default: node.unmodelled += fields.raw();
               }
             }
           });
  return node;
}

Attribute GraphReader::attribute(Fields fields, int depth) {
  using namespace attribute_proto;
  using enum Attribute::Type;
  const Fields whole = fields;
  Attribute attribute;
  AttributeParts parts;
  std::int64_t number = 0;
  const auto read = [&] {
    while (fields.next()) {
      switch (fields.number()) {
        case kName: read_text(fields, attribute.name, attribute.unmodelled); break;
        case kDocString: read_text(fields, attribute.doc_string, attribute.unmodelled); break;
        case kRefAttrName: read_text(fields, attribute.ref_attr_name, attribute.unmodelled); break;
        case kType: read_integer(fields, number, attribute.unmodelled); break;
        default:
          if (!parts.take(fields)) attribute.unmodelled += fields.raw();
      }
    }
    attribute.type = static_cast<Attribute::Type>(number);
    if (!attribute.ref_attr_name.empty()) return;
    switch (number == 0 ? parts.type_in_use() : attribute.type) {
      case Attribute::Type::kFloat: attribute.value = parts.f.value_or(0.0F); break;
      case Attribute::Type::kInt: attribute.value = parts.i.value_or(0); break;
      case Attribute::Type::kString: attribute.value = std::string(parts.s.value_or("")); break;
      case Attribute::Type::kFloats: attribute.value = decode_floats(parts.floats); break;
      case Attribute::Type::kInts: attribute.value = decode_varints(parts.ints); break;
      case Attribute::Type::kStrings: attribute.value = std::move(parts.strings); break;
      case Attribute::Type::kTensor:
        if (!parts.t) throw Malformed{Error::invalid("an attribute of type TENSOR holds no tensor")};
        attribute.value = make_tensor(*parts.t, kept_->file, external_, false);
        break;
      case Attribute::Type::kGraph: {
        if (parts.g.empty()) throw Malformed{Error::invalid("an attribute of type GRAPH holds no graph")};
        auto graph = std::make_shared<Graph>();
        for (const Fields& g : parts.g) merge(g, *graph, depth + 1);
        attribute.value = std::move(graph);
        attribute.unmodelled += stray_values(whole);
        break;
      }
      default: break;
    }
  };
  in_place([&] { return "attribute '" + attribute.name + "'"; }, read);
  const bool is_graph = std::holds_alternative<std::shared_ptr<Graph>>(attribute.value);
  const auto* tensor = std::get_if<Tensor>(&attribute.value);
  const bool external = tensor != nullptr && parts.t->external;
  if (is_graph || (external && tensor->present())) return attribute;
  attribute.unmodelled.clear();
  attribute.encoded = whole.rest();
  if (external) attribute.encoded = keep(attribute_with_inline_data(whole.rest(), all_external_bytes(*parts.t)));
  return attribute;
}

std::string_view GraphReader::all_external_bytes(const TensorParts& parts) {
  return or_throw(external_.find(parts.external_data, std::nullopt)).bytes;
}

Initializer GraphReader::initializer(Fields fields) {
  const std::string_view encoded = fields.rest();
  TensorParts parts;
  Initializer initializer;
  const auto read = [&] {
    parts.merge(fields);
    initializer.tensor = make_tensor(parts, kept_->file, external_, in_file_);
    if (!parts.external) {
      initializer.encoded = encoded;
    } else if (!initializer.tensor.present()) {
      initializer.encoded = keep(with_inline_data(encoded, all_external_bytes(parts)));
    }
  };
  in_place([&] { return "initializer '" + std::string(parts.name) + "'"; }, read);
  initializer.name = parts.name;
  initializer.doc_string = parts.doc_string;
  return initializer;
}

ValueInfo GraphReader::value_info(Fields fields) {
  using namespace value_info_proto;
  ValueInfo info;
  const auto read = [&] {
    while (fields.next()) {
      switch (fields.number()) {
        case kName: read_text(fields, info.name, info.unmodelled); break;
        case kType: {
          Fields type = fields.message("TypeProto");
          if (type.rest().empty()) info.unmodelled += fields.raw();
          info.encoded_type += type.rest();
          merge_type(type, info.type);
          break;
        }
        case kDocString: read_text(fields, info.doc_string, info.unmodelled); break;
        default: info.unmodelled += fields.raw();
      }
    }
  };
  in_place([&] { return "value '" + info.name + "'"; }, read);
  return info;
}

}  // namespace pleat::wire
