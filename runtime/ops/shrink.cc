#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_shrink(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float lambda = reader.number("lambd", 0.5F);
  const float bias = reader.number("bias", 0);
  return make_unary(Unary::kShrink, reader, opset, lambda, bias);
}

}  // namespace

void register_shrink(OpRegistry& registry) { registry.add("Shrink", make_shrink); }

}  // namespace pleat
