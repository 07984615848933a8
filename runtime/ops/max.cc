#include "runtime/ops/registry.h"
#include "runtime/ops/variadic_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_max(const Node& node, std::int64_t opset) {
  return make_variadic(Variadic::kMax, node, opset);
}

}  // namespace

void register_max(OpRegistry& registry) { registry.add("Max", make_max); }

}  // namespace pleat
