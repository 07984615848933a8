#include "runtime/onnx/tensor_reader.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>

#include "runtime/onnx/field_numbers.h"

namespace pleat::wire {
namespace {

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

[[noreturn]] void wrong_size(const std::string& field, std::size_t expected, std::size_t got, const char* unit) {
  throw Malformed{Error::invalid(field + " does not hold as much as the shape says")
                      .expect(std::to_string(expected) + unit)
                      .saw(std::to_string(got) + unit)
                      .fix("the file is damaged or its writer is wrong: fetch or export it again")};
}

/// A bool must be 0 or 1 in memory; NumPy's meaning of any other byte is true.
Tensor normalized_bools(Shape shape, std::string_view bytes) {
  Tensor tensor = or_throw(Tensor::allocate(DType::kBool, std::move(shape)));
  std::transform(bytes.begin(), bytes.end(), tensor.mutable_data<bool>().begin(), [](char c) { return c != 0; });
  return tensor;
}

/// From so many bytes on a float tensor may stay in its file.
constexpr std::size_t kLarge = 65536;

Tensor from_bytes(DType dtype, Shape shape, std::string_view bytes, const std::shared_ptr<const void>& owner,
                  bool in_file) {
  if (in_file && dtype == DType::kFloat && bytes.size() >= kLarge)
    return Tensor::in_file(dtype, std::move(shape), owner, bytes.data());
  const auto is_plain_bool = [](char c) { return c == 0 || c == 1; };
  if (dtype == DType::kBool && !std::all_of(bytes.begin(), bytes.end(), is_plain_bool))
    return normalized_bools(std::move(shape), bytes);
  if (!bytes.empty() && reinterpret_cast<std::uintptr_t>(bytes.data()) % size_of(dtype) == 0)
    return Tensor::view_of(dtype, std::move(shape), owner, bytes.data());
  Tensor tensor = or_throw(Tensor::allocate(dtype, std::move(shape)));
  if (!bytes.empty()) std::memcpy(tensor.mutable_bytes(), bytes.data(), bytes.size());
  return tensor;
}

Tensor from_fixed(DType dtype, Shape shape, const char* field, const TensorParts::Payloads& payloads,
                  const std::shared_ptr<const void>& owner, bool in_file) {
  std::size_t total = 0;
  for (const std::string_view payload : payloads) total += payload.size();
  const auto count = static_cast<std::size_t>(shape.elements());
  if (total != count * size_of(dtype)) wrong_size(field, count, total / size_of(dtype), " numbers");
  if (payloads.size() == 1) return from_bytes(dtype, std::move(shape), payloads.front(), owner, in_file);
  Tensor tensor = or_throw(Tensor::allocate(dtype, std::move(shape)));
  auto* to = static_cast<char*>(tensor.mutable_bytes());
  for (const std::string_view payload : payloads) to = std::copy(payload.begin(), payload.end(), to);
  return tensor;
}

/// T is the type of storage: float16's and bfloat16's bits travel as 16-bit numbers.
template <class T>
Tensor from_varints(DType dtype, Shape shape, const char* field, const TensorParts::Payloads& payloads) {
  const auto count = static_cast<std::size_t>(shape.elements());
  std::size_t bytes = 0;
  for (const std::string_view payload : payloads) bytes += payload.size();
  if (bytes < count) wrong_size(field, count, bytes, " numbers or more");
  Tensor tensor = or_throw(Tensor::allocate(dtype, std::move(shape)));
  auto* to = static_cast<char*>(tensor.mutable_bytes());
  std::size_t found = 0;
  for_each_varint(payloads, [&](std::uint64_t number) {
    if (found++ >= count) return;
    const auto value = static_cast<T>(number);
    // Sign-extended for signed types: what is stored must come back as the number that was written.
    if (static_cast<std::uint64_t>(value) != number && !(dtype == DType::kBool))
      throw Malformed{Error::invalid("a number in " + std::string(field) + " does not fit the element type")
                          .expect(std::string(dtype_name(dtype)))
                          .saw(std::to_string(static_cast<std::int64_t>(number)))};
    std::memcpy(to + (found - 1) * sizeof(T), &value, sizeof(T));
  });
  if (found != count) wrong_size(field, count, found, " numbers");
  return tensor;
}

Tensor from_typed_field(const TensorParts& parts, DType dtype, Shape shape, const std::shared_ptr<const void>& storage,
                        bool in_file) {
  switch (dtype) {
    case DType::kFloat: return from_fixed(dtype, std::move(shape), "float_data", parts.float_data, storage, in_file);
    case DType::kDouble: return from_fixed(dtype, std::move(shape), "double_data", parts.double_data, storage, in_file);
    case DType::kInt64: return from_varints<std::int64_t>(dtype, std::move(shape), "int64_data", parts.int64_data);
    case DType::kUint64: return from_varints<std::uint64_t>(dtype, std::move(shape), "uint64_data", parts.uint64_data);
    case DType::kUint32: return from_varints<std::uint32_t>(dtype, std::move(shape), "uint64_data", parts.uint64_data);
    case DType::kInt32: return from_varints<std::int32_t>(dtype, std::move(shape), "int32_data", parts.int32_data);
    case DType::kInt16: return from_varints<std::int16_t>(dtype, std::move(shape), "int32_data", parts.int32_data);
    case DType::kInt8: return from_varints<std::int8_t>(dtype, std::move(shape), "int32_data", parts.int32_data);
    case DType::kUint8: return from_varints<std::uint8_t>(dtype, std::move(shape), "int32_data", parts.int32_data);
    case DType::kBool: return from_varints<bool>(dtype, std::move(shape), "int32_data", parts.int32_data);
    default: return from_varints<std::uint16_t>(dtype, std::move(shape), "int32_data", parts.int32_data);
  }
}

bool has_typed_data(const TensorParts& parts) {
  const auto filled = [](const TensorParts::Payloads& payloads) {
    return std::any_of(payloads.begin(), payloads.end(), [](std::string_view p) { return !p.empty(); });
  };
  return filled(parts.float_data) || filled(parts.int32_data) || filled(parts.int64_data) ||
         filled(parts.double_data) || filled(parts.uint64_data);
}

Shape shape_of(const TensorParts& parts, DType dtype) {
  std::vector<std::int64_t> dims = decode_varints(parts.dims);
  if (auto count = checked_elements(dims, size_of(dtype)); !count) {
    Error error = std::move(count).error();
    error.code = ErrorCode::kInvalid;
    throw Malformed{std::move(error)};
  }
  return Shape(std::move(dims));
}

}  // namespace

void TensorParts::merge(Fields fields) {
  using namespace tensor_proto;
  while (fields.next()) {
    switch (fields.number()) {
      case kDims: dims.push_back(fields.payload()); break;
      case kDataType: data_type = fields.integer(); break;
      case kSegment: segmented = true; break;
      case kFloatData: float_data.push_back(fields.payload()); break;
      case kInt32Data: int32_data.push_back(fields.payload()); break;
      case kInt64Data: int64_data.push_back(fields.payload()); break;
      case kName: name = fields.bytes(); break;
      case kRawData: raw_data = fields.bytes(); break;
      case kDoubleData: double_data.push_back(fields.payload()); break;
      case kUint64Data: uint64_data.push_back(fields.payload()); break;
      case kDocString: doc_string = fields.bytes(); break;
      case kExternalData: external_data.push_back(read_entry(fields.message("StringStringEntryProto"))); break;
      case kDataLocation: external = fields.integer() == 1; break;
      default: break;
    }
  }
}

DType tensor_dtype(std::int64_t data_type) {
  if (data_type < 0 || data_type > static_cast<std::int64_t>(DType::kBfloat16)) return DType::kUndefined;
  const auto dtype = static_cast<DType>(data_type);
  const bool modelled = size_of(dtype) != 0 && dtype != DType::kComplex64 && dtype != DType::kComplex128;
  return modelled ? dtype : DType::kUndefined;
}

Tensor make_tensor(const TensorParts& parts, const std::shared_ptr<const void>& storage, ExternalData& external,
                   bool in_file) {
  const DType dtype = tensor_dtype(parts.data_type);
  if (dtype == DType::kUndefined) return {};
  if (parts.segmented) throw Malformed{Error::unsupported("tensors in segments are not read")};
  Shape shape = shape_of(parts, dtype);
  const std::size_t bytes = static_cast<std::size_t>(shape.elements()) * size_of(dtype);
  if (parts.external) {
    const ExternalBytes found = or_throw(external.find(parts.external_data, bytes));
    return from_bytes(dtype, std::move(shape), found.bytes, found.file, in_file);
  }
  if (has_typed_data(parts)) {
    if (!parts.raw_data.empty()) throw Malformed{Error::invalid("data both in raw_data and in a typed field")};
    return from_typed_field(parts, dtype, std::move(shape), storage, in_file);
  }
  if (parts.raw_data.size() != bytes) wrong_size("raw_data", bytes, parts.raw_data.size(), " bytes");
  return from_bytes(dtype, std::move(shape), parts.raw_data, storage, in_file);
}

std::pair<std::string, std::string> read_entry(Fields fields) {
  std::pair<std::string, std::string> entry;
  while (fields.next()) {
    if (fields.number() == entry_proto::kKey) entry.first = fields.bytes();
    if (fields.number() == entry_proto::kValue) entry.second = fields.bytes();
  }
  return entry;
}

}  // namespace pleat::wire
