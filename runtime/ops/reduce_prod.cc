#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_prod(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kProd, node, opset);
}

}  // namespace

void register_reduce_prod(OpRegistry& registry) { registry.add("ReduceProd", make_reduce_prod); }

}  // namespace pleat
