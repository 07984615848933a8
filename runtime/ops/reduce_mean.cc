#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_mean(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kMean, node, opset);
}

}  // namespace

void register_reduce_mean(OpRegistry& registry) { registry.add("ReduceMean", make_reduce_mean); }

}  // namespace pleat
