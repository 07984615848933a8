#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_exp(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kExp, node, opset);
}

}  // namespace

void register_exp(OpRegistry& registry) { registry.add("Exp", make_exp); }

}  // namespace pleat
