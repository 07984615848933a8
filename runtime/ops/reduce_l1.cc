#include "runtime/ops/reduce_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_reduce_l1(const Node& node, std::int64_t opset) {
  return make_reduction(Reduction::kL1, node, opset);
}

}  // namespace

void register_reduce_l1(OpRegistry& registry) { registry.add("ReduceL1", make_reduce_l1); }

}  // namespace pleat
