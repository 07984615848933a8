#include "runtime/ops/registry.h"
#include "runtime/ops/trigonometric_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_sin(const Node& node, std::int64_t) {
  return make_trigonometric(Trigonometric::kSine, node);
}

}  // namespace

void register_sin(OpRegistry& registry) { registry.add("Sin", make_sin); }

}  // namespace pleat
