#include "runtime/plan/near_names.h"

#include <algorithm>
#include <utility>

namespace pleat {
namespace {

constexpr std::size_t kLongest = 64;  ///< only so much of a name is compared

/// Insertions, removals and replacements that turn `a` into `b` (Levenshtein).
std::size_t edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({replaced, row[j] + 1, row[j - 1] + 1}));
    }
  }
  return row[b.size()];
}

}  // namespace

std::vector<std::string> near_names(std::string_view wanted, const std::vector<std::string_view>& names,
                                    std::size_t most) {
  std::vector<std::pair<std::size_t, std::string_view>> ranked;
  for (std::string_view name : names)
    if (!name.empty()) ranked.emplace_back(edits(wanted.substr(0, kLongest), name.substr(0, kLongest)), name);
  const std::size_t count = std::min(most, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(count), ranked.end());
  std::vector<std::string> nearest;
  for (std::size_t i = 0; i < count; ++i) nearest.emplace_back(ranked[i].second);
  return nearest;
}

}  // namespace pleat
