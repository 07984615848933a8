#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_elu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float alpha = reader.number("alpha", 1);
  return make_unary(Unary::kElu, reader, opset, alpha);
}

}  // namespace

void register_elu(OpRegistry& registry) { registry.add("Elu", make_elu); }

}  // namespace pleat
