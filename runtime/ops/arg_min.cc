#include "runtime/ops/arg_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_arg_min(const Node& node, std::int64_t opset) {
  return make_arg(false, node, opset);
}

}  // namespace

void register_arg_min(OpRegistry& registry) { registry.add("ArgMin", make_arg_min); }

}  // namespace pleat
