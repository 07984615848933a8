#include "runtime/onnx/tensor_writer.h"

#include <protozero/pbf_writer.hpp>

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/tensor_reader.h"
#include "runtime/onnx/wire.h"

namespace pleat::wire {
namespace {

using namespace tensor_proto;

constexpr std::size_t kSmallestExternal = 1024;
constexpr std::int64_t kExternal = 1;  // TensorProto.DataLocation

std::string_view text_of(std::span<const std::byte> bytes) {
  return {bytes.empty() ? "" : reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

bool holds_elements(std::uint32_t field) {
  switch (field) {
    case kFloatData:
    case kInt32Data:
    case kStringData:
    case kInt64Data:
    case kRawData:
    case kDoubleData:
    case kUint64Data:
    case kExternalData:
    case kDataLocation: return true;
    default: return false;
  }
}

/// The elements as raw_data holds them; empty where they cannot be put so.
std::string_view elements_of(const TensorSource& source) {
  if (source.encoded.empty()) return text_of(source.tensor.bytes());
  TensorParts parts;
  parts.merge(Fields(source.encoded, "TensorProto", source.encoded.data()));
  if (parts.segmented || parts.external) return {};
  return parts.raw_data.empty() && source.tensor.present() ? text_of(source.tensor.bytes()) : parts.raw_data;
}

void write_head(ProtoWriter& out, const TensorSource& source) {
  for (const std::int64_t dim : source.tensor.shape()) out.integer(kDims, dim);
  out.integer(kDataType, static_cast<std::int64_t>(source.tensor.dtype()));
  out.text(kName, source.name);
  out.text(kDocString, source.doc_string);
}

void write_location(ProtoWriter& out, const DataLayout& data, std::uint64_t offset, std::size_t length) {
  const auto entry = [&](std::string_view key, const std::string& value) {
    out.message(kExternalData, [&] {
      out.bytes(entry_proto::kKey, key);
      out.bytes(entry_proto::kValue, value);
    });
  };
  entry("location", data.location());
  entry("offset", std::to_string(offset));
  entry("length", std::to_string(length));
  out.integer(kDataLocation, kExternal);
}

std::string_view text_in(std::string_view encoded, std::uint32_t number) {
  std::string_view found;
  Fields fields(encoded, "message", encoded.data());
  while (fields.next())
    if (fields.number() == number) found = fields.bytes();
  return found;
}

}  // namespace

bool goes_external(const TensorSource& source) { return elements_of(source).size() >= kSmallestExternal; }

void write_tensor_fields(ProtoWriter& out, const TensorSource& source) {
  PLEAT_CHECK(source.tensor.present());
  write_head(out, source);
  out.bytes(kRawData, text_of(source.tensor.bytes()));
}

void write_tensor(ProtoWriter& out, std::uint32_t number, const TensorSource& source, DataLayout* data) {
  if (data != nullptr && goes_external(source)) {
    const std::string_view elements = elements_of(source);
    out.message(number, [&] {
      if (source.encoded.empty()) {
        write_head(out, source);
      } else {
        write_fields_but(out, source.encoded, [](std::uint32_t n) { return n == kName || holds_elements(n); });
        out.text(kName, source.name);
      }
      write_location(out, *data, data->place(elements), elements.size());
    });
  } else if (source.encoded.empty()) {
    out.message(number, [&] { write_tensor_fields(out, source); });
  } else {
    write_named(out, number, source.encoded, kName, source.name);
  }
}

std::string with_inline_data(std::string_view encoded, std::string_view data) {
  std::string out;
  Fields fields(encoded, "TensorProto", encoded.data());
  while (fields.next())
    if (!holds_elements(fields.number())) out += fields.raw();
  protozero::pbf_writer(out).add_bytes(kRawData, data.data(), data.size());
  return out;
}

std::string attribute_with_inline_data(std::string_view encoded, std::string_view data) {
  std::string out;
  std::string
      tensor;  // one that stands twice is merged: what protobuf does with the messages, it does with their bytes
  Fields fields(encoded, "AttributeProto", encoded.data());
  while (fields.next()) {
    if (fields.number() == attribute_proto::kTensor)
      tensor += fields.bytes();
    else
      out += fields.raw();
  }
  protozero::pbf_writer(out).add_message(attribute_proto::kTensor, with_inline_data(tensor, data));
  return out;
}

void write_named(ProtoWriter& out, std::uint32_t number, std::string_view encoded, std::uint32_t name_number,
                 std::string_view name) {
  if (text_in(encoded, name_number) == name) {
    out.bytes(number, encoded);
    return;
  }
  out.message(number, [&] {
    write_fields_but(out, encoded, [&](std::uint32_t n) { return n == name_number; });
    out.bytes(name_number, name);
  });
}

void write_fields_but(ProtoWriter& out, std::string_view encoded, FunctionRef<bool(std::uint32_t)> drop) {
  Fields fields(encoded, "message", encoded.data());
  while (fields.next())
    if (!drop(fields.number())) out.raw(fields.raw());
}

}  // namespace pleat::wire
