#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_softsign(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kSoftsign, node, opset);
}

}  // namespace

void register_softsign(OpRegistry& registry) { registry.add("Softsign", make_softsign); }

}  // namespace pleat
