#include "runtime/onnx/reader.h"

#include <new>

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/file_kind.h"
#include "runtime/onnx/graph_reader.h"

namespace pleat {
namespace {

using wire::Fields;
using wire::Malformed;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Model read_fields(Fields fields, wire::GraphReader& graphs) {
  using namespace wire::model_proto;
  Model model;
  model.ir_version = 0;
  std::string zero_version;
  bool has_graph = false;
  while (fields.next()) {
    switch (fields.number()) {
      case kIrVersion: read_integer(fields, model.ir_version, zero_version); break;
      case kProducerName: read_text(fields, model.producer_name, model.unmodelled); break;
      case kProducerVersion: read_text(fields, model.producer_version, model.unmodelled); break;
      case kDomain: read_text(fields, model.domain, model.unmodelled); break;
      case kModelVersion: model.model_version = fields.integer(); break;
      case kDocString: read_text(fields, model.doc_string, model.unmodelled); break;
      case kGraph:
        has_graph = true;
        graphs.merge(fields.message("GraphProto"), model.graph);
        break;
      case kOpsetImport: model.opset_imports.push_back(wire::read_opset(fields.message("OperatorSetIdProto"))); break;
      case kFunctions: model.functions.push_back(graphs.function(fields.message("FunctionProto"))); break;
      case kMetadataProps:
        model.metadata_props.push_back(wire::read_entry(fields.message("StringStringEntryProto")));
        break;
      default: model.unmodelled += fields.raw();
    }
  }
  // Written first of all, so a 0 kept elsewhere would override it.
  if (model.ir_version == 0) model.unmodelled += zero_version;
  if (!has_graph)
    throw Malformed{Error::invalid("the file holds no graph").fix("give the ONNX model itself (mostly *.onnx)")};
  return model;
}

/// Calls `read`, turning what it throws into a value.
template <class T, class Read>
Result<T> without_throwing(Read read) {
  try {
    return read();
  } catch (Malformed& malformed) {
    return fail(std::move(malformed.error));
  } catch (const std::bad_alloc&) {
    return fail(Error::resource("not enough memory"));
  }
}

Result<Model> parse(std::string_view bytes, std::shared_ptr<const void> storage, const std::string& path,
                    Weights weights) {
  auto model = without_throwing<Model>([&]() -> Result<Model> {
    auto kept = std::make_shared<wire::Kept>();
    kept->file = std::move(storage);
    wire::GraphReader graphs(kept, path, weights == Weights::kInFile);
    Model read = read_fields(Fields(bytes, "ModelProto", bytes.data()), graphs);
    read.storage = std::move(kept);
    PLEAT_TRY(check(read));
    return read;
  });
  if (model) return model;
  if (const std::string_view kind = wire::foreign_kind(bytes); !kind.empty())
    return fail(Error::invalid("not an ONNX model").saw(std::string(kind)));
  return model;
}

/// True where the bytes read like a SequenceProto or OptionalProto, whose fields have the numbers of TensorProto's:
/// their name stands where a tensor has its sizes, their content where it has a segment or numbers.
bool reads_like_a_sequence(std::string_view bytes) {
  using namespace wire::tensor_proto;
  Fields fields(bytes, "TensorProto", bytes.data());
  bool nameless = true, data = false, text_for_sizes = false;
  while (fields.next()) {
    const std::uint32_t number = fields.number();
    if (number == kSegment) return true;
    if (number == kDims) text_for_sizes = fields.is_bytes();
    if (number == kName) nameless = false;
    data = data || number > kSegment;
  }
  return nameless && (text_for_sizes || !data);
}

Result<std::pair<std::string, Tensor>> parse_tensor(std::string_view bytes, const std::shared_ptr<const void>& storage,
                                                    const std::string& path) {
  using Named = std::pair<std::string, Tensor>;
  const auto read = [&](auto&& action) { return without_throwing<Named>(action); };
  auto result = read([&]() -> Result<Named> {
    wire::TensorParts parts;
    parts.merge(Fields(bytes, "TensorProto", bytes.data()));
    wire::ExternalData external(path);
    Tensor tensor = wire::make_tensor(parts, storage, external, false);
    if (!tensor.present())
      return fail(Error::unsupported("a tensor of an element type that is not read")
                      .saw("data_type " + std::to_string(parts.data_type)));
    return Named(std::string(parts.name), std::move(tensor));
  });
  if (result) return result;
  return read([&]() -> Result<Named> {
    if (!reads_like_a_sequence(bytes)) return result;
    return fail(Error::unsupported("a sequence or an optional value, where a tensor can be read"));
  });
}

}  // namespace

Result<Model> parse_model(std::span<const std::byte> bytes, std::shared_ptr<const void> storage,
                          const std::string& path) {
  auto model = parse(text_of(bytes), std::move(storage), path, Weights::kAligned);
  if (!model && !path.empty()) return fail(std::move(model).error().at(path));
  return model;
}

Result<std::shared_ptr<const Model>> read_model(const std::string& path, Weights weights) {
  PLEAT_ASSIGN(auto file, MappedFile::open(path));
  auto model = parse(text_of(file->bytes()), file, path, weights);
  if (!model) return fail(std::move(model).error().at(path));
  return std::make_shared<const Model>(std::move(*model));
}

Result<std::pair<std::string, Tensor>> read_tensor(const std::string& path) {
  PLEAT_ASSIGN(auto file, MappedFile::open(path));
  auto tensor = parse_tensor(text_of(file->bytes()), file, path);
  if (!tensor) return fail(std::move(tensor).error().at(path));
  return tensor;
}

}  // namespace pleat
