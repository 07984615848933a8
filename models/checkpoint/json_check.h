#pragma once

#include <string_view>

#include "runtime/base/result.h"

namespace pleat {

/// Whether `text` is one JSON value in UTF-8 in which no object gives a key twice (which most parsers let pass, each
/// keeping another of the two).
Status check_json(std::string_view text);

}  // namespace pleat
