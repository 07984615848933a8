#include "runtime/ops/arithmetic_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_mul(const Node& node, std::int64_t opset) {
  return make_arithmetic(BinaryFunction::kMul, node, opset);
}

}  // namespace

void register_mul(OpRegistry& registry) { registry.add("Mul", make_mul); }

}  // namespace pleat
