#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_celu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float alpha = reader.number("alpha", 1);
  return make_unary(Unary::kCelu, reader, opset, alpha);
}

}  // namespace

void register_celu(OpRegistry& registry) { registry.add("Celu", make_celu); }

}  // namespace pleat
