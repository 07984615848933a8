#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_mish(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kMish, node, opset);
}

}  // namespace

void register_mish(OpRegistry& registry) { registry.add("Mish", make_mish); }

}  // namespace pleat
