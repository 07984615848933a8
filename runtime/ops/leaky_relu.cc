#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_leaky_relu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float alpha = reader.number("alpha", 0.01F);
  return make_unary(Unary::kLeakyRelu, reader, opset, alpha);
}

}  // namespace

void register_leaky_relu(OpRegistry& registry) { registry.add("LeakyRelu", make_leaky_relu); }

}  // namespace pleat
