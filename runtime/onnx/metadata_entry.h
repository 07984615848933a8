#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/base/result.h"

namespace pleat {

/// An entry of metadata_props as it stands in a file: appended to the bytes of a model it becomes part of the model.
std::string encode_metadata_entry(std::string_view key, std::string_view value);

/// The bytes of a model without its metadata_props entries of this key, as the pieces between them, in order.
/// kInvalid where the bytes are no ModelProto. Only the outermost fields are read.
Result<std::vector<std::string_view>> without_metadata_entry(std::string_view model_bytes, std::string_view key);

}  // namespace pleat
