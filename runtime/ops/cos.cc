#include "runtime/ops/registry.h"
#include "runtime/ops/trigonometric_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_cos(const Node& node, std::int64_t) {
  return make_trigonometric(Trigonometric::kCosine, node);
}

}  // namespace

void register_cos(OpRegistry& registry) { registry.add("Cos", make_cos); }

}  // namespace pleat
