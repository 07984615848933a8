#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_softplus(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kSoftplus, node, opset);
}

}  // namespace

void register_softplus(OpRegistry& registry) { registry.add("Softplus", make_softplus); }

}  // namespace pleat
