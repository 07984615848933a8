#include "runtime/ops/registry.h"
#include "runtime/ops/relation_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_xor(const Node& node, std::int64_t opset) {
  return make_relation(Relation::kXor, node, opset);
}

}  // namespace

void register_xor(OpRegistry& registry) { registry.add("Xor", make_xor); }

}  // namespace pleat
