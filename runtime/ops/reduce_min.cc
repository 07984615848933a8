#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_min(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kMin, node, opset);
}

}  // namespace

void register_reduce_min(OpRegistry& registry) { registry.add("ReduceMin", make_reduce_min); }

}  // namespace pleat
