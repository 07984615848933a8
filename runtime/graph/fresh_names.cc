#include "runtime/graph/fresh_names.h"

#include <utility>

namespace pleat {

FreshNames::FreshNames(std::vector<std::string> taken) {
  taken_.reserve(taken.size());
  for (std::string& name : taken) taken_.insert(std::move(name));
  taken_.insert(std::string());
}

std::string FreshNames::fresh(const std::string& wanted) {
  if (taken_.insert(wanted).second) return wanted;
  for (int& suffix = suffixes_[wanted];;)
    if (std::string name = wanted + "_" + std::to_string(++suffix); taken_.insert(name).second) return name;
}

}  // namespace pleat
