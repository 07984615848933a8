#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace pleat {

/// At most `most` of `names`, those that need the fewest edits to become `wanted` first.
std::vector<std::string> near_names(std::string_view wanted, const std::vector<std::string_view>& names,
                                    std::size_t most = 3);

}  // namespace pleat
