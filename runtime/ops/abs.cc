#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_abs(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kAbs, node, opset);
}

}  // namespace

void register_abs(OpRegistry& registry) { registry.add("Abs", make_abs); }

}  // namespace pleat
