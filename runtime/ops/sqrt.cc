#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_sqrt(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kSqrt, node, opset);
}

}  // namespace

void register_sqrt(OpRegistry& registry) { registry.add("Sqrt", make_sqrt); }

}  // namespace pleat
