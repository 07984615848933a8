#include "runtime/ops/registry.h"
#include "runtime/ops/variadic_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_min(const Node& node, std::int64_t opset) {
  return make_variadic(Variadic::kMin, node, opset);
}

}  // namespace

void register_min(OpRegistry& registry) { registry.add("Min", make_min); }

}  // namespace pleat
