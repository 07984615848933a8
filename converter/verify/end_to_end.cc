#include "converter/verify/end_to_end.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "converter/fold/constants.h"
#include "converter/verify/bound.h"
#include "converter/verify/layer_check.h"
#include "converter/verify/to_double.h"
#include "runtime/graph/attributes.h"
#include "runtime/tensor/compare.h"

namespace pleat {
namespace {

constexpr double kFactor = 4;
/// Maps of one input whose outputs lie no further apart than their inputs (largest absolute difference).
constexpr std::array kNotEnlarging = {
    "Relu",    "Sigmoid", "Tanh",      "Softmax",   "Flatten", "Reshape",     "Identity",          "Clip",
    "MaxPool", "Squeeze", "Unsqueeze", "Transpose", "Dropout", "AveragePool", "GlobalAveragePool", "GlobalMaxPool"};

bool is_linear(const Node& node) {
  return (node.is("Conv") || node.is("Gemm") || node.is("MatMul")) && node.inputs.size() > 1;
}

std::optional<std::size_t> last_linear(const Graph& graph, const Uses& uses, std::string value) {
  for (std::size_t walked = 0; walked <= graph.nodes.size(); ++walked) {
    const auto producer = uses.producer(value);
    if (!producer) return std::nullopt;
    const Node& node = graph.nodes[*producer];
    if (is_linear(node)) return producer;
    if (node.inputs.empty() ||
        std::none_of(kNotEnlarging.begin(), kNotEnlarging.end(), [&](const char* op) { return node.is(op); }))
      return std::nullopt;
    value = node.inputs[0];
  }
  return std::nullopt;
}

double largest(const Tensor& tensor) {
  const auto values = to_doubles(tensor);
  double most = 0;
  if (values)
    for (const double value : *values) most = std::max(most, std::fabs(value));
  return most;
}

}  // namespace

Result<std::unique_ptr<EndToEnd>> EndToEnd::create(const Model& unfolded, const Model& folded, int threads) {
  std::unique_ptr<EndToEnd> rung(new EndToEnd);
  PLEAT_ASSIGN(Model wide, to_double(unfolded));
  const FoldContext context(folded, folded.graph);
  std::vector<std::string> needed;
  rung->unit_roundoff_ = kDoubleArithmetic.unit_roundoff;
  for (const ValueInfo& output : folded.graph.outputs) {
    rung->output_names_.push_back(output.name);
    if (output.type.dtype != DType::kDouble) rung->unit_roundoff_ = kFloatArithmetic.unit_roundoff;
    LastLayer last;
    if (const auto at_node = last_linear(folded.graph, context.uses, output.name)) {
      const Node& node = folded.graph.nodes[*at_node];
      const auto weight = constant(context, node.inputs[1], "weight", "F50");
      const auto bias = node.inputs.size() > 2 && !node.inputs[2].empty()
                            ? constant(context, node.inputs[2], "bias", "F50")
                            : Attempt<Tensor>(Tensor::scalar(0.0));
      if (weight && bias) {
        AttributeReader attributes(node);
        const bool rows = node.is("Gemm") && attributes.integer("transB", 0) != 0;
        const int axis = node.is("Conv") || rows ? 0 : weight->shape().rank() - 1;
        last.input = node.inputs[0];
        last.output = node.outputs[0];
        last.roundings = weight->elements() / std::max<std::int64_t>(1, weight->shape()[axis]) + 8;
        last.largest_bias = largest(*bias) * std::fabs(attributes.number("beta", 1.0F));
        PLEAT_ASSIGN(Model magnitude, magnitude_model(folded, *at_node, *weight));
        last.magnitude = std::make_unique<Runner>(std::move(magnitude), std::vector<std::string>{}, threads);
        needed.push_back(last.input);
      }
    }
    rung->last_layers_.push_back(std::move(last));
  }
  rung->folded_ = std::make_unique<Runner>(folded, needed, threads);
  rung->truth_ = std::make_unique<Runner>(std::move(wide), std::vector<std::string>{}, threads);
  return rung;
}

Status EndToEnd::compare(const NamedTensors& inputs, const Runner& unfolded, const std::string& samples,
                         std::int64_t batch) {
  NamedTensors wide;
  for (const auto& [name, tensor] : inputs) {
    PLEAT_ASSIGN(wide[name], widened(tensor));
  }
  PLEAT_TRY(folded_->run(inputs));
  PLEAT_TRY(truth_->run(wide));
  for (std::size_t i = 0; i < output_names_.size(); ++i) {
    PLEAT_ASSIGN(const TensorView own, unfolded.value(output_names_[i]));
    PLEAT_TRY(compare_output(i, own, samples, batch));
  }
  return {};
}

Result<double> EndToEnd::last_bound(std::size_t index) {
  LastLayer& last = last_layers_[index];
  if (last.magnitude == nullptr) return 0.0;
  PLEAT_ASSIGN(const TensorView input, folded_->value(last.input));
  PLEAT_ASSIGN(Tensor positive, to_double_tensor(input));
  for (double& value : positive.mutable_data<double>()) value = std::fabs(value);
  PLEAT_TRY(last.magnitude->run({{last.input, positive}}));
  PLEAT_ASSIGN(const TensorView magnitude, last.magnitude->value(last.output));
  double most = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(magnitude.elements()); ++i)
    if (std::isfinite(element(magnitude, i))) most = std::max(most, element(magnitude, i));
  return 2 * gamma(static_cast<double>(last.roundings), unit_roundoff_) * (most + last.largest_bias);
}

OutputFigures& EndToEnd::figures_for(const std::string& output, const std::string& samples) {
  const auto known = std::find_if(figures_.begin(), figures_.end(), [&](const OutputFigures& figures) {
    return figures.output == output && figures.samples == samples;
  });
  if (known != figures_.end()) return *known;
  OutputFigures fresh;
  fresh.output = output;
  fresh.samples = samples;
  figures_.push_back(std::move(fresh));
  worst_.emplace_back();
  return figures_.back();
}

Status EndToEnd::compare_output(std::size_t index, const TensorView& unfolded, const std::string& samples,
                                std::int64_t batch) {
  const std::string& name = output_names_[index];
  PLEAT_ASSIGN(const TensorView folded, folded_->value(name));
  PLEAT_ASSIGN(const TensorView truth, truth_->value(name));
  if (*folded.shape != *unfolded.shape || *truth.shape != *unfolded.shape || folded.dtype != unfolded.dtype)
    return fail(Error::check_failed("the networks give different shapes or types").at("output '" + name + "'"));
  OutputFigures& figures = figures_for(name, samples);
  Finding& worst = worst_[static_cast<std::size_t>(&figures - figures_.data())];
  if (folded.dtype != DType::kFloat && folded.dtype != DType::kDouble) {
    PLEAT_ASSIGN(const Difference difference, pleat::compare(folded, unfolded));
    figures.compared += folded.elements();
    if (!difference.same_bits) ++figures.class_mismatches;
    return {};
  }
  for (std::size_t i = 0; i < static_cast<std::size_t>(truth.elements()); ++i) {
    const double u = element(unfolded, i), f = element(folded, i), t = element(truth, i);
    ++figures.compared;
    if (!std::isfinite(u) || !std::isfinite(f) || !std::isfinite(t)) {
      const bool same = (std::isnan(u) && std::isnan(f)) || u == f;
      const bool overflow = std::isfinite(t);
      if (!same && !overflow) ++figures.class_mismatches;
      if (!same && overflow && std::isfinite(u)) figures.folded_error = HUGE_VAL;
      if (!same && overflow && std::isfinite(f)) figures.unfolded_error = HUGE_VAL;
      continue;
    }
    figures.max_abs_difference = std::max(figures.max_abs_difference, std::fabs(f - u));
    figures.unfolded_error = std::max(figures.unfolded_error, std::fabs(u - t));
    if (std::fabs(f - t) < figures.folded_error || (worst.element >= 0 && std::fabs(f - t) == 0)) continue;
    figures.folded_error = std::fabs(f - t);
    worst = Finding{"network output", "", "", name, samples, batch};
    worst.element = static_cast<std::int64_t>(i);
    worst.unfolded = u;
    worst.folded = f;
    worst.reference = t;
  }
  const Shape& shape = *truth.shape;
  if (shape.rank() > 0 && shape[shape.rank() - 1] > 0) {
    figures.rows += truth.elements() / shape[shape.rank() - 1];
    PLEAT_ASSIGN(const std::int64_t agree, argmax_agreement(folded, unfolded));
    figures.argmax_agree += agree;
  }
  PLEAT_ASSIGN(const double bound, last_bound(index));
  figures.last_bound = std::max(figures.last_bound, bound);
  figures.allowed = kFactor * figures.unfolded_error + figures.last_bound;
  return {};
}

RungReport EndToEnd::report() const {
  RungReport report;
  report.rung = Rung::kEndToEnd;
  report.ran = true;
  double difference = 0;
  for (std::size_t i = 0; i < figures_.size(); ++i) {
    const OutputFigures& figures = figures_[i];
    difference = std::max(difference, figures.max_abs_difference);
    const bool close = figures.folded_error <= figures.allowed;
    if ((close && figures.class_mismatches == 0) || report.first_failure) continue;
    report.first_failure = worst_[i];
    report.first_failure->tensor = figures.output;
    report.first_failure->samples = figures.samples;
    report.first_failure->what =
        figures.class_mismatches > 0 ? "NaN, infinity or an integer differs" : "network output";
    report.first_failure->bound = figures.allowed;
    report.first_failure->ratio = close                 ? HUGE_VAL
                                  : figures.allowed > 0 ? figures.folded_error / figures.allowed
                                                        : HUGE_VAL;
  }
  report.passed = !report.first_failure;
  char text[160];
  std::snprintf(text, sizeof text, "largest difference %.3g; %s", difference,
                report.passed ? "the folded network is as close to the true function as the unfolded one"
                              : "the folded network is further from the true function than rounding explains");
  report.text = text;
  return report;
}

}  // namespace pleat
