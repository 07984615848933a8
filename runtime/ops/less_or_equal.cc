#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_less_or_equal(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kLessOrEqual, node, opset);
}

}  // namespace

void register_less_or_equal(OpRegistry& registry) { registry.add("LessOrEqual", make_less_or_equal); }

}  // namespace pleat
