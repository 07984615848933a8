#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reciprocal(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kReciprocal, node, opset);
}

}  // namespace

void register_reciprocal(OpRegistry& registry) { registry.add("Reciprocal", make_reciprocal); }

}  // namespace pleat
