#pragma once

#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace pleat {

/// Hands out names that nobody has; each only once.
class FreshNames {
 public:
  explicit FreshNames(std::vector<std::string> taken);

  /// `wanted`, or wanted with the first free suffix _1, _2, …; never empty.
  std::string fresh(const std::string& wanted);

 private:
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, int> suffixes_;  ///< the last one tried
};

}  // namespace pleat
