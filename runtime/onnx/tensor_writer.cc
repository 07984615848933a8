#include "runtime/onnx/tensor_writer.h"

#include <protozero/pbf_writer.hpp>

#include "runtime/onnx/field_numbers.h"
#include "runtime/onnx/wire.h"

namespace pleat::wire {
namespace {

using namespace tensor_proto;

void add_bytes(protozero::pbf_writer& writer, std::uint32_t number, std::string_view bytes) {
  writer.add_bytes(number, bytes.data(), bytes.size());
}

}  // namespace

std::string encode_tensor(std::string_view name, const Tensor& tensor, std::string_view doc_string) {
  PLEAT_CHECK(tensor.present());
  std::string out;
  out.reserve(tensor.byte_size() + name.size() + doc_string.size() + 64);
  protozero::pbf_writer writer(out);
  for (const std::int64_t dim : tensor.shape()) writer.add_int64(kDims, dim);
  writer.add_int32(kDataType, static_cast<std::int32_t>(tensor.dtype()));
  if (!name.empty()) add_bytes(writer, kName, name);
  if (!doc_string.empty()) add_bytes(writer, kDocString, doc_string);
  writer.add_bytes(kRawData, reinterpret_cast<const char*>(tensor.bytes().data()), tensor.byte_size());
  return out;
}

std::string with_inline_data(std::string_view encoded, std::string_view data) {
  std::string out;
  Fields fields(encoded, "TensorProto", encoded.data());
  while (fields.next())
    if (fields.number() != kRawData && fields.number() != kExternalData && fields.number() != kDataLocation)
      out += fields.raw();
  protozero::pbf_writer writer(out);
  add_bytes(writer, kRawData, data);
  return out;
}

bool has_name(std::string_view encoded, std::uint32_t number, std::string_view name) {
  std::string_view found;
  Fields fields(encoded, "message", encoded.data());
  while (fields.next())
    if (fields.number() == number) found = fields.bytes();
  return found == name;
}

std::string with_name(std::string_view encoded, std::uint32_t number, std::string_view name) {
  std::string out;
  Fields fields(encoded, "message", encoded.data());
  while (fields.next())
    if (fields.number() != number) out += fields.raw();
  protozero::pbf_writer writer(out);
  add_bytes(writer, number, name);
  return out;
}

}  // namespace pleat::wire
