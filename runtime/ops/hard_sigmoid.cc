#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_hard_sigmoid(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float alpha = reader.number("alpha", 0.2F);
  const float beta = reader.number("beta", 0.5F);
  return make_unary(Unary::kHardSigmoid, reader, opset, alpha, beta);
}

}  // namespace

void register_hard_sigmoid(OpRegistry& registry) { registry.add("HardSigmoid", make_hard_sigmoid); }

}  // namespace pleat
