#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_equal(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kEqual, node, opset);
}

}  // namespace

void register_equal(OpRegistry& registry) { registry.add("Equal", make_equal); }

}  // namespace pleat
