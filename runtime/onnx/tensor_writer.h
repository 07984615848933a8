#pragma once

#include <string>
#include <string_view>

#include "runtime/tensor/tensor.h"

namespace pleat::wire {

/// A TensorProto with its elements as raw_data. The tensor must be present.
std::string encode_tensor(std::string_view name, const Tensor& tensor, std::string_view doc_string = {});

/// The encoded TensorProto with external data replaced by raw_data.
std::string with_inline_data(std::string_view encoded, std::string_view data);

/// Whether the text in field `number` of an encoded message is `name`; an absent one is empty.
bool has_name(std::string_view encoded, std::uint32_t number, std::string_view name);

/// The encoded message with `name` as its field `number`.
std::string with_name(std::string_view encoded, std::uint32_t number, std::string_view name);

}  // namespace pleat::wire
