#include "models/checkpoint/checkpoint.h"

#include <algorithm>

namespace pleat {

const Tensor* Checkpoint::find(const std::string& name) const {
  const auto entry = std::find_if(tensors.begin(), tensors.end(), [&](const Entry& e) { return e.name == name; });
  return entry == tensors.end() ? nullptr : &entry->tensor;
}

}  // namespace pleat
