#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_erf(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kErf, node, opset);
}

}  // namespace

void register_erf(OpRegistry& registry) { registry.add("Erf", make_erf); }

}  // namespace pleat
