#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_sign(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kSign, node, opset);
}

}  // namespace

void register_sign(OpRegistry& registry) { registry.add("Sign", make_sign); }

}  // namespace pleat
