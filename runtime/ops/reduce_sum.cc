#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_sum(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kSum, node, opset, 13);
}

}  // namespace

void register_reduce_sum(OpRegistry& registry) { registry.add("ReduceSum", make_reduce_sum); }

}  // namespace pleat
