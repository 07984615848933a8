#include "runtime/ops/registry.h"
#include "runtime/ops/variadic_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_sum(const Node& node, std::int64_t opset) {
  return make_variadic(Variadic::kSum, node, opset);
}

}  // namespace

void register_sum(OpRegistry& registry) { registry.add("Sum", make_sum); }

}  // namespace pleat
