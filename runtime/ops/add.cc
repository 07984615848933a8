#include "runtime/ops/arithmetic_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_add(const Node& node, std::int64_t opset) {
  return make_arithmetic(BinaryFunction::kAdd, node, opset);
}

}  // namespace

void register_add(OpRegistry& registry) { registry.add("Add", make_add); }

}  // namespace pleat
