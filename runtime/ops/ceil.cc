#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_ceil(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kCeil, node, opset);
}

}  // namespace

void register_ceil(OpRegistry& registry) { registry.add("Ceil", make_ceil); }

}  // namespace pleat
