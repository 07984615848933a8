#include "runtime/kernels/softmax.h"

#include "runtime/ops/line_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_softmax(const Node& node, std::int64_t opset) {
  return make_line({softmax<float>, softmax<double>}, node, opset);
}

}  // namespace

void register_softmax(OpRegistry& registry) { registry.add("Softmax", make_softmax); }

}  // namespace pleat
