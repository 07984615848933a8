#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_floor(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kFloor, node, opset);
}

}  // namespace

void register_floor(OpRegistry& registry) { registry.add("Floor", make_floor); }

}  // namespace pleat
