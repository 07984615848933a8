#include "runtime/ops/arithmetic_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_div(const Node& node, std::int64_t opset) {
  return make_arithmetic(BinaryFunction::kDiv, node, opset);
}

}  // namespace

void register_div(OpRegistry& registry) { registry.add("Div", make_div); }

}  // namespace pleat
