#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_selu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float alpha = reader.number("alpha", opset < 6 ? 1.6732F : 1.67326319217681884765625F);
  const float gamma = reader.number("gamma", opset < 6 ? 1.0507F : 1.05070102214813232421875F);
  return make_unary(Unary::kSelu, reader, opset, alpha, gamma);
}

}  // namespace

void register_selu(OpRegistry& registry) { registry.add("Selu", make_selu); }

}  // namespace pleat
