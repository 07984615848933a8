#include "converter/verify/operator_bounds.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <unordered_map>

#include "converter/verify/constant_facts.h"
#include "converter/verify/linear_node.h"
#include "converter/verify/widen.h"
#include "runtime/graph/attributes.h"

namespace pleat {
namespace {

using Objection = std::optional<std::string>;

RoundingCount worst(const RoundingCount& a, const RoundingCount& b) {
  return {std::max(a.roundings, b.roundings), std::max(a.stored, b.stored), std::max(a.underflows, b.underflows),
          std::max(a.lost, b.lost), std::max(a.peak, b.peak)};
}

RoundingCount sum(const RoundingCount& a, const RoundingCount& b) {
  return {std::max(a.roundings, b.roundings), std::max(a.stored, b.stored), a.underflows + b.underflows,
          a.lost + b.lost, a.peak + b.peak};
}

double stored_roundings(const BoundedConstant& constant) { return constant.fresh ? 1 : 0; }

/// Data times a constant whose rows sum to `gain` and hold `tiny` values that storing may have changed.
RoundingCount product(const RoundingCount& data, const BoundedConstant& constant, double gain, double tiny) {
  RoundingCount out;
  out.roundings = data.roundings + constant.roundings;
  out.stored = data.stored + stored_roundings(constant);
  out.underflows = data.underflows * gain;
  out.lost = data.lost * gain + tiny * storage_loss(constant.tensor.dtype()) * data.peak;
  out.peak = data.peak * gain;
  return out;
}

RoundingCount rounded(RoundingCount count, double times) {
  count.roundings += times;
  count.underflows += times;
  return count;
}

bool is_data(const BoundedNode& node, std::size_t input) {
  return node.present(input) && node.constant(input) == nullptr;
}

std::size_t data_operands(const BoundedNode& node) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < node.node.inputs.size(); ++i) count += is_data(node, i) ? 1U : 0U;
  return count;
}

Objection none(const BoundedNode&) { return std::nullopt; }
void as_it_is(Node&) {}

void become_identity(Node& node) {
  node.op_type = "Identity";
  node.inputs.resize(1);
  node.attributes.clear();
}

/// Data in input 0, anything else constant or of an integer type.
Objection first_is_data(const BoundedNode& node) {
  if (node.constant(0) != nullptr) return "its first input is a constant";
  return std::nullopt;
}

// Operators that move elements, or do not enlarge differences and map 0 to 0.

RoundingCount moved(const BoundedNode& node) { return node.term(0); }

Objection one_output(const BoundedNode& node) {
  const auto& outputs = node.node.outputs;
  const auto named = std::ranges::count_if(outputs, [](const std::string& name) { return !name.empty(); });
  if (named > 1) return "it has a second output";
  return first_is_data(node);
}

RoundingCount all_moved(const BoundedNode& node) {
  RoundingCount out = node.term(0);
  for (std::size_t i = 1; i < node.node.inputs.size(); ++i) out = worst(out, node.term(i));
  return out;
}

/// A narrowing Cast of data rounds to a type that no arithmetic here has.
Objection widens(const BoundedNode& node) {
  AttributeReader attributes(node.node);
  const auto to = static_cast<DType>(attributes.integer("to", 0));
  if (to != DType::kFloat && to != DType::kDouble) return "it narrows its data";
  return first_is_data(node);
}

Objection gentle_slope(const BoundedNode& node) {
  double slope = 0;
  if (node.node.is("PRelu")) {
    if (node.constant(1) == nullptr) return "its slope is no constant";
    slope = largest_magnitude(node.constant(1)->tensor);
  } else {
    AttributeReader attributes(node.node);
    slope = std::fabs(attributes.number("alpha", 0.01F));
  }
  if (slope > 1) return "its slope is above 1";
  return first_is_data(node);
}

RoundingCount sloped(const BoundedNode& node) { return rounded(node.term(0), 1); }

std::optional<double> clip_limit(const BoundedNode& node, std::size_t input, const char* attribute, double otherwise) {
  if (node.present(input)) {
    const BoundedConstant* limit = node.constant(input);
    if (limit == nullptr || limit->tensor.elements() != 1) return std::nullopt;
    const auto values = to_doubles(limit->tensor);
    return values ? std::optional<double>((*values)[0]) : std::nullopt;
  }
  AttributeReader attributes(node.node);
  return attributes.has(attribute) ? attributes.number(attribute, 0) : otherwise;
}

Objection clips_around_zero(const BoundedNode& node) {
  const auto low = clip_limit(node, 1, "min", -HUGE_VAL);
  const auto high = clip_limit(node, 2, "max", HUGE_VAL);
  if (!low || !high || !(*low <= 0) || !(*high >= 0)) return "its limits do not stand around 0";
  return first_is_data(node);
}

// Sums and products by constants.

RoundingCount added(const BoundedNode& node) {
  RoundingCount out = node.term(0);
  for (std::size_t i = 1; i < node.node.inputs.size(); ++i) out = rounded(sum(out, node.term(i)), 1);
  return out;
}

void become_add(Node& node) { node.op_type = "Add"; }

Objection one_factor_constant(const BoundedNode& node) {
  if (data_operands(node) > 1) return "both its factors are data";
  return std::nullopt;
}

RoundingCount multiplied(const BoundedNode& node) {
  const std::size_t data = is_data(node, 0) ? 0 : 1;
  const BoundedConstant& factor = *node.constant(1 - data);
  const double tiny = row_facts(factor, -1).tiny > 0 ? 1 : 0;
  return rounded(product(node.term(data), factor, largest_magnitude(factor.tensor), tiny), 1);
}

Objection divided_by_constant(const BoundedNode& node) {
  if (is_data(node, 1)) return "its divisor is data";
  const BoundedConstant& divisor = *node.constant(1);
  const double least = smallest_magnitude(divisor.tensor);
  if (!is_floating(divisor.tensor.dtype()) || !(least >= precision_of(divisor.tensor.dtype()).smallest_normal))
    return "its divisor is not safely different from 0";
  return std::nullopt;
}

RoundingCount divided(const BoundedNode& node) {
  const BoundedConstant& divisor = *node.constant(1);
  return rounded(product(node.term(0), divisor, 1 / smallest_magnitude(divisor.tensor), 0), 1);
}

// Layers.

/// Input of the weight: the constant among the first two.
std::size_t weight_input(const BoundedNode& node) { return node.constant(1) != nullptr ? 1 : 0; }

Objection one_weight(const BoundedNode& node) {
  const bool window = node.node.is("Conv") || node.node.is("ConvTranspose");
  if (!node.present(0) || !node.present(1)) return "it lacks an input";
  if (is_data(node, 0) == is_data(node, 1) || (window && is_data(node, 1))) return "its weight is no constant";
  const std::size_t input = weight_input(node);
  if (!products_per_output(node.node, input, node.constant(input)->tensor.shape())) return "its weight is empty";
  return std::nullopt;
}

/// The axis of the weight along which output elements differ.
int kept_axis(const BoundedNode& node, std::size_t input) {
  const Shape& shape = node.constant(input)->tensor.shape();
  if (node.node.is("Conv")) return 0;
  if (node.node.is("ConvTranspose")) return 1;
  if (node.node.is("Gemm")) {
    AttributeReader attributes(node.node);
    return (attributes.integer(input == 0 ? "transA" : "transB", 0) != 0) == (input == 0) ? 1 : 0;
  }
  if (shape.rank() == 1) return -1;
  return input == 0 ? shape.rank() - 2 : shape.rank() - 1;
}

RoundingCount layered(const BoundedNode& node) {
  const std::size_t input = weight_input(node);
  const BoundedConstant& weight = *node.constant(input);
  const auto products = static_cast<double>(*products_per_output(node.node, input, weight.tensor.shape()));
  double alpha = 1;
  double beta = 1;
  double more = 0;
  if (node.node.is("Gemm")) {
    AttributeReader attributes(node.node);
    alpha = std::fabs(attributes.number("alpha", 1.0F));
    beta = std::fabs(attributes.number("beta", 1.0F));
    more = 3;  // alpha·, beta·, and their sum
  }
  const RowFacts rows = row_facts(weight, kept_axis(node, input));
  RoundingCount out = product(node.term(1 - input), weight, rows.sum * alpha, std::min(rows.tiny, products) * alpha);
  if (node.present(2)) {
    RoundingCount bias = node.term(2);
    bias.underflows *= beta, bias.lost *= beta, bias.peak *= beta;
    out = sum(out, bias);
  }
  return rounded(out, products + more);
}

void positive_factors(Node& node) {
  for (Attribute& attribute : node.attributes)
    if (const auto* number = std::get_if<float>(&attribute.value))
      if (attribute.name == "alpha" || attribute.name == "beta" || attribute.name == "value")
        attribute = Attribute::number(attribute.name, std::fabs(*number));
}

struct BatchNormFacts {
  double gain = 0;       ///< largest |γ|/√(σ²+ε)
  double inverse = 0;    ///< largest 1/√(σ²+ε)
  double condition = 1;  ///< largest (|σ²|+ε)/(σ²+ε)
};

std::optional<BatchNormFacts> batch_norm_facts(const BoundedNode& node) {
  const auto scale = to_doubles(node.constant(1)->tensor);
  const auto variance = to_doubles(node.constant(4)->tensor);
  if (!scale || !variance || scale->size() != variance->size()) return std::nullopt;
  AttributeReader attributes(node.node);
  const double epsilon = attributes.number("epsilon", 1e-5F);
  BatchNormFacts facts;
  for (std::size_t c = 0; c < scale->size(); ++c) {
    const double widened = (*variance)[c] + epsilon;
    if (!(widened > 0)) return std::nullopt;
    const double inverse = 1 / std::sqrt(widened);
    facts.inverse = std::max(facts.inverse, inverse);
    facts.gain = std::max(facts.gain, std::fabs((*scale)[c]) * inverse);
    facts.condition = std::max(facts.condition, (std::fabs((*variance)[c]) + epsilon) / widened);
  }
  return facts;
}

Objection normalizes_by_constants(const BoundedNode& node) {
  AttributeReader attributes(node.node);
  if (attributes.integer("training_mode", 0) != 0) return "it is in training mode";
  for (std::size_t i = 1; i < 5; ++i)
    if (!node.present(i) || node.constant(i) == nullptr) return "its parameters are no constants";
  if (!batch_norm_facts(node)) return "it divides by zero or by no number";
  return one_output(node);
}

RoundingCount normalized(const BoundedNode& node) {
  const BatchNormFacts facts = *batch_norm_facts(node);
  const BoundedConstant& scale = *node.constant(1);
  const BoundedConstant& variance = *node.constant(4);
  RoundingCount out = sum(node.term(0), node.term(3));
  const double input_peak = out.peak;
  out = product(out, scale, facts.gain, 0);
  out.roundings += variance.roundings * facts.condition;
  out.stored += stored_roundings(variance) * facts.condition;
  if (row_facts(scale, -1).tiny > 0) out.lost += storage_loss(scale.tensor.dtype()) * input_peak * facts.inverse;
  out = sum(out, node.term(2));
  out = rounded(out, 8);
  out.underflows += 8 * facts.gain;
  return out;
}

// Means and windows.

std::int64_t product_of(const std::vector<std::int64_t>& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

double averaged_elements(const BoundedNode& node) {
  if (node.node.is("AveragePool")) {
    AttributeReader attributes(node.node);
    return static_cast<double>(product_of(attributes.integers("kernel_shape")));
  }
  const auto from = static_cast<double>(node.shape(node.node.inputs[0]).elements());
  const auto to = static_cast<double>(node.shape(node.node.outputs[0]).elements());
  return to > 0 ? from / to : 0;
}

RoundingCount averaged(const BoundedNode& node) { return rounded(node.term(0), averaged_elements(node) + 1); }

RoundingCount summed(const BoundedNode& node) {
  const double elements = averaged_elements(node);
  RoundingCount out = node.term(0);
  out.underflows *= elements, out.lost *= elements, out.peak *= elements;
  return rounded(out, elements);
}

Objection interpolates_inside(const BoundedNode& node) {
  AttributeReader attributes(node.node);
  const std::string mode = attributes.text("mode", "nearest");
  if (mode != "nearest" && mode != "linear") return "its mode is " + mode;
  if (attributes.text("coordinate_transformation_mode", "half_pixel") == "tf_crop_and_resize")
    return "it takes values from outside its input";
  if (attributes.integer("antialias", 0) != 0) return "it smooths";
  return first_is_data(node);
}

/// Each axis mixes two neighbours, with weights (1−f) and f that are the same numbers on both sides and sum to 1 within
/// two roundings.
RoundingCount interpolated(const BoundedNode& node) {
  AttributeReader attributes(node.node);
  if (attributes.text("mode", "nearest") == "nearest") return node.term(0);
  return rounded(node.term(0), 5.0 * node.shape(node.node.inputs[0]).rank());
}

Objection pads_with_constant(const BoundedNode& node) {
  if (is_data(node, 2)) return "its value is no constant";
  return first_is_data(node);
}

RoundingCount padded(const BoundedNode& node) {
  AttributeReader attributes(node.node);
  RoundingCount out = node.present(2) ? worst(node.term(0), node.term(2)) : node.term(0);
  out.peak = std::max(out.peak, std::fabs(static_cast<double>(attributes.number("value", 0))));
  return out;
}

RoundingCount not_counted(const BoundedNode&) { return {}; }

const std::unordered_map<std::string_view, OperatorBound>& table() {
  constexpr OperatorBound kMoves{one_output, moved, as_it_is};
  constexpr OperatorBound kIdentity{first_is_data, moved, become_identity};
  constexpr OperatorBound kShape{none, not_counted, as_it_is};
  constexpr OperatorBound kLayer{one_weight, layered, as_it_is};
  static const std::unordered_map<std::string_view, OperatorBound> bounds = {
      {"Identity", kMoves},
      {"Dropout", kMoves},
      {"Transpose", kMoves},
      {"Reshape", kMoves},
      {"Flatten", kMoves},
      {"Squeeze", kMoves},
      {"Unsqueeze", kMoves},
      {"Slice", kMoves},
      {"Split", {first_is_data, moved, as_it_is}},
      {"Expand", kMoves},
      {"Tile", kMoves},
      {"DepthToSpace", kMoves},
      {"SpaceToDepth", kMoves},
      {"MaxPool", kMoves},
      {"GlobalMaxPool", kMoves},
      {"Concat", {none, all_moved, as_it_is}},
      {"Relu", kIdentity},
      {"Neg", kIdentity},
      {"Abs", kIdentity},
      {"LeakyRelu", {gentle_slope, sloped, become_identity}},
      {"PRelu", {gentle_slope, sloped, become_identity}},
      {"Cast", {widens, sloped, as_it_is}},
      {"Clip", {clips_around_zero, moved, become_identity}},
      {"Shape", kShape},
      {"Size", kShape},
      {"Add", {none, added, as_it_is}},
      {"Sum", {none, added, as_it_is}},
      {"Sub", {none, added, become_add}},
      {"Mul", {one_factor_constant, multiplied, as_it_is}},
      {"Div", {divided_by_constant, divided, as_it_is}},
      {"Conv", kLayer},
      {"ConvTranspose", kLayer},
      {"MatMul", kLayer},
      {"Gemm", {one_weight, layered, positive_factors}},
      {"BatchNormalization", {normalizes_by_constants, normalized, as_it_is}},
      {"AveragePool", {first_is_data, averaged, as_it_is}},
      {"GlobalAveragePool", {first_is_data, averaged, as_it_is}},
      {"ReduceMean", {first_is_data, averaged, as_it_is}},
      {"ReduceSum", {first_is_data, summed, as_it_is}},
      {"Resize", {interpolates_inside, interpolated, as_it_is}},
      {"Upsample", {interpolates_inside, interpolated, as_it_is}},
      {"Pad", {pads_with_constant, padded, positive_factors}},
  };
  return bounds;
}

/// Largest (|a|+|b|)/|a±b|: how much a sum enlarges the relative errors of its terms.
std::optional<double> sum_condition(const BoundedNode& node, const Tensor& value) {
  const double terms = largest_magnitude(node.constant(0)->tensor) + largest_magnitude(node.constant(1)->tensor);
  const double least = smallest_magnitude(value);
  if (!(least > 0) || !std::isfinite(terms)) return std::nullopt;
  return std::max(1.0, terms / least);
}

}  // namespace

const BoundedConstant* BoundedNode::constant(std::size_t input) const {
  if (!present(input)) return nullptr;
  const auto found = constants.find(node.inputs[input]);
  return found == constants.end() ? nullptr : &found->second;
}

RoundingCount BoundedNode::term(std::size_t input) const {
  if (!present(input)) return {};
  if (const BoundedConstant* known = constant(input)) {
    RoundingCount out;
    out.roundings = known->roundings;
    out.stored = stored_roundings(*known);
    if (known->fresh && row_facts(*known, -1).tiny > 0) out.lost = storage_loss(known->tensor.dtype());
    out.peak = largest_magnitude(known->tensor);
    return out;
  }
  const auto found = data->find(node.inputs[input]);
  return found == data->end() ? RoundingCount{} : found->second;
}

const OperatorBound* operator_bound(const Node& node) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return nullptr;
  const auto found = table().find(node.op_type);
  return found == table().end() ? nullptr : &found->second;
}

std::optional<double> constant_roundings(const BoundedNode& node, const Tensor& value) {
  constexpr std::array kExact = {"Identity", "Transpose", "Reshape", "Flatten",  "Squeeze", "Unsqueeze", "Slice",
                                 "Concat",   "Split",     "Expand",  "Constant", "Neg",     "Abs",       "Tile"};
  double worst_operand = 0;
  double all_operands = 0;
  for (std::size_t i = 0; i < node.node.inputs.size(); ++i) {
    const BoundedConstant* operand = node.constant(i);
    if (operand == nullptr) continue;
    worst_operand = std::max(worst_operand, operand->roundings);
    all_operands += operand->roundings;
  }
  const auto is = [&](const char* op) { return node.node.is(op); };
  if (!is_floating(value.dtype()) || std::ranges::any_of(kExact, is)) return worst_operand;
  if (is("Cast") || is("Sqrt") || is("Reciprocal") || is("DequantizeLinear")) return all_operands + 1;
  if ((is("Mul") || is("Div")) && node.node.inputs.size() == 2) return all_operands + 1;
  if ((is("Add") || is("Sub")) && node.node.inputs.size() == 2) {
    const auto condition = sum_condition(node, value);
    return condition ? std::optional<double>(worst_operand * *condition + 1) : std::nullopt;
  }
  return std::nullopt;
}

}  // namespace pleat
