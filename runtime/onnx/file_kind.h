#pragma once

#include <string_view>

namespace pleat::wire {

/// What a file that could not be read as ONNX is by its first bytes ("a PNG picture"), or empty where nothing is
/// recognised. Only a guess: fields that ONNX does not define may begin with the same bytes.
std::string_view foreign_kind(std::string_view bytes);

}  // namespace pleat::wire
