#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_log_sum(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kLogSum, node, opset);
}

}  // namespace

void register_reduce_log_sum(OpRegistry& registry) { registry.add("ReduceLogSum", make_reduce_log_sum); }

}  // namespace pleat
