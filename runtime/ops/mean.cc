#include "runtime/ops/registry.h"
#include "runtime/ops/variadic_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_mean(const Node& node, std::int64_t opset) {
  return make_variadic(Variadic::kMean, node, opset);
}

}  // namespace

void register_mean(OpRegistry& registry) { registry.add("Mean", make_mean); }

}  // namespace pleat
