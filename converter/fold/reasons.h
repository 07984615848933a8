#pragma once

#include <span>
#include <string_view>

namespace pleat {

/// A row of the table of cases: what was met, and whether it is folded. Codes never change their meaning.
struct Reason {
  std::string_view code;
  std::string_view summary;      ///< a few words, for a line of a report
  std::string_view explanation;  ///< the whole story with the remedy, for --explain
};

std::span<const Reason> reasons();

/// Null for a code that is not in the table.
const Reason* find_reason(std::string_view code);

}  // namespace pleat
