#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_tanh(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kTanh, node, opset);
}

}  // namespace

void register_tanh(OpRegistry& registry) { registry.add("Tanh", make_tanh); }

}  // namespace pleat
