#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_sum_square(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kSumSquare, node, opset);
}

}  // namespace

void register_reduce_sum_square(OpRegistry& registry) { registry.add("ReduceSumSquare", make_reduce_sum_square); }

}  // namespace pleat
