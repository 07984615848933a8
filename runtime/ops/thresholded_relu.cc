#include "runtime/ops/registry.h"
#include "runtime/ops/unary_shared.h"

namespace pleat {
namespace {

Result<std::unique_ptr<Operator>> make_thresholded_relu(const Node& node, std::int64_t opset) {
  AttributeReader reader(node);
  const float alpha = reader.number("alpha", 1);
  return make_unary(Unary::kThresholdedRelu, reader, opset, alpha);
}

}  // namespace

void register_thresholded_relu(OpRegistry& registry) { registry.add("ThresholdedRelu", make_thresholded_relu); }

}  // namespace pleat
