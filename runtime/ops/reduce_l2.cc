#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_l2(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kL2, node, opset);
}

}  // namespace

void register_reduce_l2(OpRegistry& registry) { registry.add("ReduceL2", make_reduce_l2); }

}  // namespace pleat
