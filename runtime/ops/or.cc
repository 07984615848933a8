#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_or(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kOr, node, opset);
}

}  // namespace

void register_or(OpRegistry& registry) { registry.add("Or", make_or); }

}  // namespace pleat
