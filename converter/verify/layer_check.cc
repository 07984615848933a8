#include "converter/verify/layer_check.h"

#include <algorithm>
#include <cmath>

#include "converter/verify/certificate.h"
#include "converter/verify/extract.h"
#include "converter/verify/to_double.h"

namespace pleat {
namespace {

constexpr const char* kMagnitudeWeight = "pleat.magnitude_weight";

Tensor absolute(const Tensor& tensor) {
  const auto values = to_doubles(tensor);
  PLEAT_CHECK(values.has_value());
  std::vector<double> out;
  for (const double value : *values) out.push_back(std::fabs(value));
  return Tensor::of(tensor.shape(), out);
}

Tensor absolute_doubles(const Tensor& tensor, double& largest) {
  auto out = Tensor::allocate(DType::kDouble, tensor.shape());
  PLEAT_CHECK(out.has_value());
  const auto from = tensor.data<double>();
  auto to = out->mutable_data<double>();
  for (std::size_t i = 0; i < to.size(); ++i) {
    to[i] = std::fabs(from[i]);
    if (std::isfinite(to[i])) largest = std::max(largest, to[i]);
  }
  return std::move(*out);
}

std::unique_ptr<Runner> runner(Model model, int threads) {
  return std::make_unique<Runner>(std::move(model), std::vector<std::string>{}, threads);
}

Status replace_constant(Graph& graph, const std::string& name, Tensor tensor) {
  for (Initializer& initializer : graph.initializers) {
    if (initializer.name != name) continue;
    initializer.tensor = std::move(tensor);
    initializer.encoded = {};
    return {};
  }
  return fail(Error::internal("no constant '" + name + "'"));
}

bool same_class(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b;
}

}  // namespace

/// Two results of one layer with all that judges them.
struct LayerCheck::Sides {
  const char* what;
  TensorView unfolded, folded, reference, magnitude;
  const std::vector<ChannelBound>& bounds;
  const std::vector<ChannelBound>* parameters;  ///< added to `bounds` where present
  double largest;                               ///< of the arithmetic
  double max_input;
  const std::string& samples;
  std::int64_t batch;
};

Result<Model> magnitude_model(const Model& model, std::size_t node, const Tensor& weight) {
  const Node& layer = model.graph.nodes[node];
  Model magnitude;
  magnitude.ir_version = std::max<std::int64_t>(model.ir_version, 4);
  magnitude.opset_imports = model.opset_imports;
  magnitude.storage = model.storage;
  Graph& graph = magnitude.graph;
  graph.initializers.push_back({kMagnitudeWeight, absolute(weight), {}, {}});
  Node alone = layer;
  alone.inputs = {layer.inputs[0], kMagnitudeWeight};
  for (Attribute& attribute : alone.attributes) {
    if (attribute.name != "alpha") continue;
    if (const auto* alpha = std::get_if<float>(&attribute.value))
      attribute = Attribute::number("alpha", std::fabs(*alpha));
  }
  if (layer.is("Gemm") && model.opset() < 11) {
    graph.initializers.push_back({"pleat.magnitude_zero", Tensor::of<double>(Shape{1}, {0.0}), {}, {}});
    alone.inputs.emplace_back("pleat.magnitude_zero");
  }
  graph.nodes.push_back(std::move(alone));
  for (auto* infos : {&graph.inputs, &graph.outputs}) {
    ValueInfo info;
    info.name = infos == &graph.inputs ? layer.inputs[0] : layer.outputs[0];
    info.type.dtype = DType::kDouble;
    infos->push_back(std::move(info));
  }
  return magnitude;
}

Result<std::unique_ptr<LayerCheck>> LayerCheck::create(const Model& unfolded, const Model& folded, CheckedLayer layer,
                                                       int threads) {
  const DType own = layer.weight.dtype();
  if (own != DType::kFloat && own != DType::kDouble)
    return fail(Error::unsupported("only float and double networks can be verified")
                    .at("fold of '" + layer.batch_norm + "'")
                    .saw(std::string(dtype_name(own))));
  std::unique_ptr<LayerCheck> check(new LayerCheck(std::move(layer)));
  const CheckedLayer& l = check->layer_;
  const auto part = [&](const Model& model, DType dtype) {
    return extract(model, {{l.input, dtype}}, {{l.output, dtype}});
  };
  PLEAT_ASSIGN(Model own_part, part(folded, own));
  PLEAT_ASSIGN(Model stored_part, to_double(own_part));
  Model exact_part = stored_part;
  PLEAT_ASSIGN(ExactParameters exact, exact_parameters(l));
  PLEAT_TRY(replace_constant(exact_part.graph, l.new_weight, std::move(exact.weight)));
  PLEAT_TRY(replace_constant(exact_part.graph, l.new_bias, std::move(exact.bias)));
  PLEAT_ASSIGN(Model unfolded_part, part(unfolded, own));
  PLEAT_ASSIGN(unfolded_part, to_double(unfolded_part));
  PLEAT_ASSIGN(Model magnitude, magnitude_model(unfolded, l.node, l.weight));

  check->folded_own_ = runner(std::move(own_part), threads);
  check->stored_double_ = runner(std::move(stored_part), threads);
  check->exact_double_ = runner(std::move(exact_part), threads);
  check->unfolded_double_ = runner(std::move(unfolded_part), threads);
  check->magnitude_ = runner(std::move(magnitude), threads);
  check->own_ = own == DType::kFloat ? kFloatArithmetic : kDoubleArithmetic;
  check->own_bounds_ = channel_bounds(l, check->own_);
  check->double_bounds_ = channel_bounds(l, kDoubleArithmetic);
  check->parameter_bounds_ = parameter_bounds(l, check->own_);
  for (LayerFigures* figures : {&check->algebra_, &check->rounding_}) {
    figures->batch_norm = l.batch_norm;
    figures->node = l.target;
  }
  return check;
}

Status LayerCheck::compare(const TensorView& input, const TensorView& output, const std::string& samples,
                           std::int64_t batch) {
  PLEAT_ASSIGN(const Tensor wide, to_double_tensor(input));
  const Tensor own = Tensor::view_of(input.dtype, *input.shape, nullptr, input.data);
  double max_input = 0;
  const Tensor positive = absolute_doubles(wide, max_input);

  PLEAT_TRY(magnitude_->run({{layer_.input, positive}}));
  PLEAT_TRY(unfolded_double_->run({{layer_.input, wide}}));
  PLEAT_TRY(exact_double_->run({{layer_.input, wide}}));
  PLEAT_TRY(stored_double_->run({{layer_.input, wide}}));
  PLEAT_TRY(folded_own_->run({{layer_.input, own}}));
  PLEAT_ASSIGN(const TensorView magnitude, magnitude_->value(layer_.gone.front()));
  PLEAT_ASSIGN(const TensorView reference, unfolded_double_->value(layer_.output));
  PLEAT_ASSIGN(const TensorView exact, exact_double_->value(layer_.output));
  PLEAT_ASSIGN(const TensorView stored, stored_double_->value(layer_.output));
  PLEAT_ASSIGN(const TensorView folded, folded_own_->value(layer_.output));
  for (const TensorView* view : {&magnitude, &exact, &stored, &folded, &output}) {
    if (*view->shape != *reference.shape || reference.shape->rank() < 2 ||
        (*reference.shape)[1] != static_cast<std::int64_t>(layer_.channels()))
      return fail(Error::check_failed("the layers give different shapes")
                      .at("fold of '" + layer_.batch_norm + "'")
                      .expect(reference.shape->text())
                      .saw(view->shape->text()));
  }
  const Sides with_exact{"layer output with exact parameters",
                         reference,
                         exact,
                         reference,
                         magnitude,
                         double_bounds_,
                         nullptr,
                         kDoubleArithmetic.largest,
                         max_input,
                         samples,
                         batch};
  compare_elements(with_exact, algebra_, algebra_failure_);
  const Sides with_stored{"layer output with stored parameters",
                          reference,
                          stored,
                          reference,
                          magnitude,
                          double_bounds_,
                          &parameter_bounds_,
                          kDoubleArithmetic.largest,
                          max_input,
                          samples,
                          batch};
  compare_elements(with_stored, algebra_, algebra_failure_);
  const Sides as_run{"layer output", output,       folded,    reference, magnitude, own_bounds_,
                     nullptr,        own_.largest, max_input, samples,   batch};
  compare_elements(as_run, rounding_, rounding_failure_);
  return {};
}

void LayerCheck::compare_elements(const Sides& sides, LayerFigures& figures, std::optional<Finding>& failure) {
  const auto count = static_cast<std::size_t>(sides.reference.elements());
  const Shape& shape = *sides.reference.shape;
  const auto inner = static_cast<std::size_t>(shape.elements(2, shape.rank()));
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t c = i / inner % layer_.channels();
    const double unfolded = element(sides.unfolded, i);
    const double folded = element(sides.folded, i);
    const double magnitude = element(sides.magnitude, i);
    const ChannelBound& channel = sides.bounds[c];
    double bound = channel.at(magnitude, sides.max_input);
    if (sides.parameters != nullptr) bound += (*sides.parameters)[c].at(magnitude, sides.max_input);
    ++figures.compared;
    double ratio = 0;
    if (std::isfinite(unfolded) && std::isfinite(folded)) {
      const double distance = std::fabs(unfolded - folded);
      ratio = distance == 0 ? 0 : distance / bound;
    } else if (!same_class(unfolded, folded)) {
      // Where double gives a finite value too, only the order of float's sums can have overflowed.
      const bool by_order =
          std::isfinite(element(sides.reference, i)) && channel.reach(magnitude) * (1 + 1e-6) >= sides.largest;
      if (by_order) ++figures.overflow_order;
      ratio = by_order ? 0 : HUGE_VAL;
    }
    const bool good = ratio <= 1;
    if (good && ratio <= figures.worst.ratio && figures.worst.element >= 0) continue;
    Finding finding{sides.what, layer_.batch_norm, layer_.target, layer_.output, sides.samples, sides.batch};
    finding.element = static_cast<std::int64_t>(i);
    finding.channel = static_cast<std::int64_t>(c);
    finding.unfolded = unfolded;
    finding.folded = folded;
    finding.reference = element(sides.reference, i);
    finding.bound = bound;
    finding.ratio = ratio;
    if (figures.worst.element < 0 || ratio > figures.worst.ratio) figures.worst = finding;
    if (good) continue;
    ++figures.failed;
    if (!failure) failure = finding;
  }
}

}  // namespace pleat
