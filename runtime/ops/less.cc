#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_less(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kLess, node, opset);
}

}  // namespace

void register_less(OpRegistry& registry) { registry.add("Less", make_less); }

}  // namespace pleat
