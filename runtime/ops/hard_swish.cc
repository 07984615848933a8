#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_hard_swish(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kHardSwish, node, opset);
}

}  // namespace

void register_hard_swish(OpRegistry& registry) { registry.add("HardSwish", make_hard_swish); }

}  // namespace pleat
