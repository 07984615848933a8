#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_log(const Node& node, std::int64_t opset) {
  return make_unary(Unary::kLog, node, opset);
}

}  // namespace

void register_log(OpRegistry& registry) { registry.add("Log", make_log); }

}  // namespace pleat
