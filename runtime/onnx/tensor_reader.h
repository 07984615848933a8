#pragma once

#include <memory>
#include <string_view>

#include "runtime/onnx/external_data.h"
#include "runtime/onnx/wire.h"
#include "runtime/tensor/tensor.h"

namespace pleat::wire {

/// A TensorProto taken apart; views into the encoded message, nothing copied yet.
struct TensorParts {
  using Payloads = std::vector<std::string_view>;

  std::string_view name;
  std::string_view doc_string;
  std::int64_t data_type = 0;
  Payloads dims;
  std::string_view raw_data;
  Payloads float_data, int32_data, int64_data, double_data, uint64_data;
  std::vector<std::pair<std::string, std::string>> external_data;
  bool external = false;
  bool segmented = false;

  /// Adds what `fields` holds; a message that stands twice is merged, as protobuf does.
  void merge(Fields fields);
};

/// The element type of that number, undefined where it is not modelled as a tensor: strings, complex numbers, float8, …
DType tensor_dtype(std::int64_t data_type);

/// The elements: a view that `storage` (or the external file) keeps alive where alignment allows, else a copy.
/// With `in_file` large float tensors are views wherever they lie (Tensor::in_file).
/// Undefined where tensor_dtype is. Throws Malformed where sizes do not match the shape.
Tensor make_tensor(const TensorParts& parts, const std::shared_ptr<const void>& storage, ExternalData& external,
                   bool in_file);

/// Key and value of a StringStringEntryProto.
std::pair<std::string, std::string> read_entry(Fields fields);

}  // namespace pleat::wire
