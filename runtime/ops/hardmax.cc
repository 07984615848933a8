#include <algorithm>

#include "runtime/ops/line_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

/// 1 at the first of the largest elements, else 0.
template <class T>
void hardmax(const T* x, T* y, std::int64_t count) {
  const auto at = std::max_element(x, x + count) - x;
  std::fill(y, y + count, T{0});
  if (count > 0) y[at] = T{1};
}

Result<std::unique_ptr<Operator>> make_hardmax(const Node& node, std::int64_t opset) {
  return make_line({hardmax<float>, hardmax<double>}, node, opset);
}

}  // namespace

void register_hardmax(OpRegistry& registry) { registry.add("Hardmax", make_hardmax); }

}  // namespace pleat
