#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_log_sum_exp(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kLogSumExp, node, opset);
}

}  // namespace

void register_reduce_log_sum_exp(OpRegistry& registry) { registry.add("ReduceLogSumExp", make_reduce_log_sum_exp); }

}  // namespace pleat
