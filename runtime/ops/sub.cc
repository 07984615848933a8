#include "runtime/ops/arithmetic_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_sub(const Node& node, std::int64_t opset) {
  return make_arithmetic(BinaryFunction::kSub, node, opset);
}

}  // namespace

void register_sub(OpRegistry& registry) { registry.add("Sub", make_sub); }

}  // namespace pleat
