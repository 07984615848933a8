#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_round(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kRound, node, opset);
}

}  // namespace

void register_round(OpRegistry& registry) { registry.add("Round", make_round); }

}  // namespace pleat
