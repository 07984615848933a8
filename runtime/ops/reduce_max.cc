#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_max(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kMax, node, opset);
}

}  // namespace

void register_reduce_max(OpRegistry& registry) { registry.add("ReduceMax", make_reduce_max); }

}  // namespace pleat
