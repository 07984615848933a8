#include "runtime/kernels/softmax.h"

#include "runtime/ops/line_shared.h"
#include "runtime/ops/registry.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_log_softmax(const Node& node, std::int64_t opset) {
  return make_line({log_softmax<float>, log_softmax<double>}, node, opset);
}

}  // namespace

void register_log_softmax(OpRegistry& registry) { registry.add("LogSoftmax", make_log_softmax); }

}  // namespace pleat
