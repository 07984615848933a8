#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_and(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kAnd, node, opset);
}

}  // namespace

void register_and(OpRegistry& registry) { registry.add("And", make_and); }

}  // namespace pleat
