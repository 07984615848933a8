#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_greater_or_equal(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kGreaterOrEqual, node, opset);
}

}  // namespace

void register_greater_or_equal(OpRegistry& registry) { registry.add("GreaterOrEqual", make_greater_or_equal); }

}  // namespace pleat
