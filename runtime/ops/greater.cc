#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_greater(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kGreater, node, opset);
}

}  // namespace

void register_greater(OpRegistry& registry) { registry.add("Greater", make_greater); }

}  // namespace pleat
