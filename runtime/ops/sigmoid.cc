#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_sigmoid(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kSigmoid, node, opset);
}

}  // namespace

void register_sigmoid(OpRegistry& registry) { registry.add("Sigmoid", make_sigmoid); }

}  // namespace pleat
