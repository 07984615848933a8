#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pleat {

/// `text` for XML and HTML, between tags or inside a quoted attribute. Control characters become spaces, bytes that are
/// no UTF-8 the replacement character: names in a model may hold anything.
std::string escape_markup(std::string_view text);

/// At most `most` bytes of `text`, cut between characters, with an ellipsis where something is missing.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace pleat
