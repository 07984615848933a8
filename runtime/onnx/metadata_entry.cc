#include "runtime/onnx/metadata_entry.h"

#include <protozero/pbf_writer.hpp>

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/wire.h"

namespace pleat {
namespace {

bool has_key(wire::Fields entry, std::string_view key) {
  bool found = false;
  while (entry.next())
    if (entry.number() == wire::entry_proto::kKey && entry.is_bytes()) found = entry.bytes() == key;
  return found;
}

}  // namespace

std::string encode_metadata_entry(std::string_view key, std::string_view value) {
  std::string bytes;
  protozero::pbf_writer model(bytes);
  protozero::pbf_writer entry(model, wire::model_proto::kMetadataProps);
  entry.add_bytes(wire::entry_proto::kKey, key.data(), key.size());
  entry.add_bytes(wire::entry_proto::kValue, value.data(), value.size());
  entry.commit();
  return bytes;
}

Result<std::vector<std::string_view>> without_metadata_entry(std::string_view model_bytes, std::string_view key) {
  try {
    std::vector<std::string_view> pieces;
    const char* from = model_bytes.data();
    wire::Fields fields(model_bytes, "ModelProto", model_bytes.data());
    while (fields.next()) {
      if (fields.number() != wire::model_proto::kMetadataProps || !fields.is_bytes()) continue;
      const bool found = has_key(fields.message("StringStringEntryProto"), key);
      const std::string_view field = fields.raw();
      if (!found) continue;
      if (field.data() != from) pieces.emplace_back(from, field.data() - from);
      from = field.data() + field.size();
    }
    const char* end = model_bytes.data() + model_bytes.size();
    if (from != end) pieces.emplace_back(from, end - from);
    return pieces;
  } catch (wire::Malformed& malformed) {
    return fail(std::move(malformed.error));
  }
}

}  // namespace pleat
