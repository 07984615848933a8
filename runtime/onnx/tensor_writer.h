#pragma once

#include <string>
#include <string_view>

#include "runtime/onnx/data_layout.h"
#include "runtime/onnx/proto_writer.h"
#include "runtime/tensor/tensor.h"

namespace pleat::wire {

/// A tensor to be written: as it came where `encoded` holds its TensorProto, else `tensor`, which must be present.
struct TensorSource {
  std::string_view name;
  const Tensor& tensor;
  std::string_view encoded = {};
  std::string_view doc_string = {};
};

/// Writes it as field `number`, under its name whatever the encoded one says. Elements of kSmallestExternal bytes or
/// more go to `data` where that is given.
void write_tensor(ProtoWriter& out, std::uint32_t number, const TensorSource& source, DataLayout* data);

/// Whether write_tensor would place the elements in `data`.
bool goes_external(const TensorSource& source);

/// The fields of a TensorProto with the elements as raw_data.
void write_tensor_fields(ProtoWriter& out, const TensorSource& source);

/// The encoded TensorProto with external data replaced by raw_data.
std::string with_inline_data(std::string_view encoded, std::string_view data);

/// The same done to the tensor in an encoded AttributeProto.
std::string attribute_with_inline_data(std::string_view encoded, std::string_view data);

/// Writes an encoded message as field `number`, but with `name` as its field `name_number`.
void write_named(ProtoWriter& out, std::uint32_t number, std::string_view encoded, std::uint32_t name_number,
                 std::string_view name);

/// Writes the fields of an encoded message but those for which `drop` says so.
void write_fields_but(ProtoWriter& out, std::string_view encoded, FunctionRef<bool(std::uint32_t)> drop);

}  // namespace pleat::wire
