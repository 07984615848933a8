#include "runtime/ops/arg_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_arg_max(const Node& node, std::int64_t opset) {
  return make_arg(true, node, opset);
}

}  // namespace

void register_arg_max(OpRegistry& registry) { registry.add("ArgMax", make_arg_max); }

}  // namespace pleat
