#include "converter/fold/arithmetic.h"

#include <fmt/format.h>

#include "converter/fold/sizes.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

constexpr std::int64_t kFirstOpsetWithNumpyBroadcast = 7;

/// Extents of the constant along the value's axes, the constant being aligned as the operator's version says.
Attempt<std::vector<std::int64_t>> aligned(const FoldContext& context, const Node& node, const Shape& shape,
                                           const std::string& value) {
  if (shape.elements() == 1 && shape.rank() <= 1) return std::vector<std::int64_t>{};
  const auto rank = rank_of(context, value);
  const auto refused = [&](const char* code, const std::string& why) {
    return refuse(code, fmt::format("{} has a constant of shape {}; {}", node.label(), shape.text(), why));
  };
  if (!rank) return refused("F80", fmt::format("the number of axes of '{}' is not known", value));
  if (shape.rank() > *rank) return refused("F80", fmt::format("'{}' has {} axes", value, *rank));
  auto first = static_cast<std::size_t>(*rank - shape.rank());
  if (context.model.opset() < kFirstOpsetWithNumpyBroadcast) {
    AttributeReader attributes(node);
    if (attributes.integer("broadcast", 0) == 0 && shape.rank() != *rank)
      return refused("F77", "without the broadcast attribute, shapes must be equal");
    std::int64_t axis = attributes.integer("axis", static_cast<std::int64_t>(first));
    if (axis < 0) axis += *rank;
    if (axis < 0 || axis + shape.rank() > *rank) return refused("F77", fmt::format("axis {} does not fit", axis));
    first = static_cast<std::size_t>(axis);
  }
  std::vector<std::int64_t> extents(first, 1);
  extents.insert(extents.end(), shape.begin(), shape.end());
  return extents;
}

}  // namespace

Attempt<std::optional<ArithmeticStep>> arithmetic_step(const FoldContext& context, const Node& node) {
  if (node.inputs.size() != 2) return std::nullopt;
  std::size_t constant_index = 1;
  auto exact = exact_constant(context, node.inputs[1], "operand", "F78");
  if (!exact) {
    const Refusal second = exact.error();
    constant_index = 0;
    exact = exact_constant(context, node.inputs[0], "operand", "F78");
    if (!exact) {
      for (const Refusal& refusal : {second, exact.error()})
        if (refusal.code != "F78") return tl::unexpected(refusal);
      return std::nullopt;
    }
  }
  ArithmeticStep step;
  step.input_index = 1 - constant_index;
  step.input = node.inputs[step.input_index];
  step.dtype = exact->dtype;
  step.multiplies = node.is("Mul") || node.is("Div");
  step.per_channel = exact->shape.elements() > 1;
  auto extents = aligned(context, node, exact->shape, step.input);
  if (!extents) return tl::unexpected(extents.error());
  if (node.is("Div") && constant_index == 0)
    return refuse("F83", fmt::format("{} divides a constant by its input, which is not linear", node.label()));
  step.map.extents = std::move(*extents);
  for (std::size_t i = 0; i < static_cast<std::size_t>(exact->shape.elements()); ++i) {
    const DoubleDouble c = exact->value(i);
    const bool reversed = node.is("Sub") && constant_index == 0;
    DoubleDouble scale = 1.0;
    DoubleDouble shift;
    if (node.is("Mul")) scale = c;
    if (node.is("Div")) scale = DoubleDouble(1.0) / c;
    if (reversed) scale = -1.0;
    if (node.is("Add") || reversed) shift = c;
    if (node.is("Sub") && !reversed) shift = -c;
    step.map.scale.push_back(scale);
    step.map.shift.push_back(shift);
    step.map.shift_terms.push_back(std::abs(shift.hi));
  }
  if (!step.map.is_finite()) return refuse("F28", fmt::format("{} divides by zero", node.label()));
  return step;
}

}  // namespace pleat
