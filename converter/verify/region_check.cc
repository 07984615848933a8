#include "converter/verify/region_check.h"

#include <algorithm>
#include <cmath>

#include "converter/verify/constant_facts.h"
#include "converter/verify/widen.h"

namespace pleat {
namespace {

using Counts = std::map<std::string, RoundingCount>;

std::string joined(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) out += (out.empty() ? "" : ", ") + name;
  return out;
}

bool same_class(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) && std::isnan(b);
  return a == b;
}

Result<Tensor> nearest_doubles(const ExactConstant& exact, int threads) {
  PLEAT_ASSIGN(Tensor out, Tensor::allocate(DType::kDouble, exact.shape));
  auto values = out.mutable_data<double>();
  ThreadPool pool(values.size() < 4096 ? 1 : threads);
  pool.parallel_for(static_cast<std::int64_t>(values.size()), 1024, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      values[i] = exact.value(i).hi;
  });
  return out;
}

Evaluator::Visit recording(Shapes& shapes) {
  return [&shapes](const std::string& name, const Tensor& value) -> Status {
    shapes[name] = value.shape();
    return {};
  };
}

/// Largest finite absolute value; `finite` becomes false where there are others.
double peak_of(const Tensor& tensor, bool& finite) {
  double peak = 0;
  for_each_value(tensor, [&](std::size_t, double value) {
    if (std::isfinite(value))
      peak = std::max(peak, std::fabs(value));
    else
      finite = false;
  });
  return peak;
}

RoundingCount count_of(const Counts& counts, const std::string& name) {
  const auto found = counts.find(name);
  return found == counts.end() ? RoundingCount{} : found->second;
}

const Tensor* find(const NamedTensors& tensors, const std::string& name) {
  const auto found = tensors.find(name);
  return found == tensors.end() ? nullptr : &found->second;
}

double value_at(const Tensor& tensor, std::size_t i) {
  switch (tensor.dtype()) {
    case DType::kFloat: return tensor.data<float>()[i];
    case DType::kDouble: return tensor.data<double>()[i];
    default: return 0;
  }
}

}  // namespace

/// The unfolded part in double on one set of inputs, and what it says of rounding.
struct RegionCheck::Truth {
  NamedTensors outputs, magnitudes;
  double peak = 0;  ///< largest magnitude of all values
  Shapes shapes;
  std::map<std::string, double> input_peaks;
  bool finite_inputs = true;
  NamedTensors folded;  ///< the folded part in double, where inputs are not finite
  Counts counts;
};

/// Two results for one output with all that judges them.
struct RegionCheck::Sides {
  const char* what;
  const std::string& output;
  const Tensor& unfolded;
  const Tensor& folded;
  const Tensor& reference;
  const Tensor& magnitude;
  const Tensor& reach;  ///< infinite where sums may overflow
  OutputBound bound;
  const Tensor* folded_in_double;  ///< only where inputs are not finite: tells what infinities make of the algebra
  const std::string& samples;
  std::int64_t batch;
};

RegionCheck::RegionCheck(const Region& region, const ExactConstants* exact, int threads)
    : region_(region),
      recipes_(exact),
      threads_(threads),
      outputs_(region.outputs.begin(), region.outputs.end()),
      fresh_(region.new_constants.begin(), region.new_constants.end()) {
  algebra_.batch_norm = rounding_.batch_norm = joined(region.batch_norms);
  algebra_.node = rounding_.node = region.targets.empty() ? region.label() : joined(region.targets);
  if (const Status ready = prepare(); !ready) objection_ = ready.error().text();
}

Status RegionCheck::prepare() {
  for (const std::string& name : fresh_) {
    const Tensor& stored = region_.folded.graph.initializer(name)->tensor;
    const Precision precision = precision_of(stored.dtype());
    if (precision.unit_roundoff > storage_.unit_roundoff) storage_ = precision;
    const auto recipe = recipes_ == nullptr ? ExactConstants::const_iterator{} : recipes_->find(name);
    const bool known = recipes_ != nullptr && recipe != recipes_->end() && recipe->second.shape == stored.shape();
    exact_ = exact_ && known;
  }
  PLEAT_ASSIGN(unfolded_, BoundedPart::create(region_.unfolded, {}, nullptr, threads_));
  PLEAT_ASSIGN(folded_, BoundedPart::create(region_.folded, fresh_, recipes_, threads_));
  return {};
}

Result<NamedTensors> RegionCheck::folded_in_double(const NamedTensors& inputs, Shapes& shapes) const {
  Status failed;
  const auto exact_values = [&](const Node& node, std::size_t input, Tensor& constant) {
    if (!exact_ || !fresh_.contains(node.inputs[input])) return;
    auto values = nearest_doubles(recipes_->at(node.inputs[input]), threads_);
    if (values)
      constant = std::move(*values);
    else
      failed = fail(std::move(values).error());
  };
  const Evaluator evaluator(region_.folded, Arithmetic::kDouble, threads_);
  auto outputs = evaluator.run(inputs, outputs_, recording(shapes), exact_values);
  PLEAT_TRY(failed);
  return outputs;
}

Result<RegionCheck::Truth> RegionCheck::truth(const NamedTensors& inputs) {
  Truth truth;
  for (const auto& [name, tensor] : inputs) {
    truth.shapes[name] = tensor.shape();
    truth.input_peaks[name] = peak_of(tensor, truth.finite_inputs);
  }
  const Evaluator evaluator(region_.unfolded, Arithmetic::kDouble, threads_);
  PLEAT_ASSIGN(truth.outputs, evaluator.run(inputs, outputs_, recording(truth.shapes)));
  PLEAT_ASSIGN(truth.magnitudes, unfolded_->magnitudes(inputs, outputs_, kDoubleArithmetic.largest, truth.peak));
  PLEAT_ASSIGN(truth.counts, unfolded_->count(truth.shapes, truth.input_peaks));
  PLEAT_ASSIGN(macs_, unfolded_->macs(truth.shapes));
  return truth;
}

Status RegionCheck::compare(const NamedTensors& inputs, const NamedTensors* own, const std::string& samples,
                            std::int64_t batch) {
  Status done = compare_now(inputs, own, samples, batch);
  if (done || done.error().code != ErrorCode::kUnsupported) return done;
  objection_ = done.error().text();
  return {};
}

Status RegionCheck::compare_now(const NamedTensors& inputs, const NamedTensors* own, const std::string& samples,
                                std::int64_t batch) {
  ++comparisons_;
  const bool was_right = !algebra_failure_ && !rounding_failure_;
  PLEAT_ASSIGN(Truth truth, this->truth(inputs));
  PLEAT_TRY(check_algebra(truth, inputs, samples, batch));
  PLEAT_TRY(check_rounding(truth, inputs, own, samples, batch));
  if (was_right && (algebra_failure_ || rounding_failure_)) golden_ = GoldenData{inputs, std::move(truth.outputs)};
  return {};
}

Status RegionCheck::check_algebra(Truth& truth, const NamedTensors& inputs, const std::string& samples,
                                  std::int64_t batch) {
  Shapes shapes;
  for (const auto& [name, tensor] : inputs) shapes[name] = tensor.shape();
  const auto made = folded_in_double(inputs, shapes);
  if (!made) return does_not_run(made.error(), samples, batch, algebra_, algebra_failure_);
  const NamedTensors& folded = *made;
  PLEAT_ASSIGN(const Counts counts, folded_->count(shapes, truth.input_peaks));
  for (const std::string& output : region_.outputs) {
    RoundingCount after = count_of(counts, output);
    if (exact_) after.lost = 0;
    const OutputBound bound =
        output_bound(count_of(truth.counts, output), after, kDoubleArithmetic, exact_ ? kDoubleArithmetic : storage_);
    const Tensor& unfolded = truth.outputs.at(output);
    const Tensor& magnitude = truth.magnitudes.at(output);
    compare_output({"region output in double", output, unfolded, folded.at(output), unfolded, magnitude, magnitude,
                    bound, nullptr, samples, batch},
                   algebra_, algebra_failure_);
  }
  if (!truth.finite_inputs) truth.folded = folded;
  return {};
}

Status RegionCheck::check_rounding(Truth& truth, const NamedTensors& inputs, const NamedTensors* own,
                                   const std::string& samples, std::int64_t batch) {
  NamedTensors unfolded;
  if (own == nullptr) {
    PLEAT_ASSIGN(unfolded, Evaluator(region_.unfolded, Arithmetic::kOwn, threads_).run(inputs, outputs_));
    own = &unfolded;
  }
  Shapes shapes;
  for (const auto& [name, tensor] : inputs) shapes[name] = tensor.shape();
  bool all_double = true;
  const auto visit = [&](const std::string& name, const Tensor& value) -> Status {
    shapes[name] = value.shape();
    all_double = all_double && value.dtype() != DType::kFloat;
    return {};
  };
  const Evaluator evaluator(region_.folded, Arithmetic::kOwn, threads_);
  const auto made = evaluator.run(inputs, outputs_, visit);
  if (!made) return does_not_run(made.error(), samples, batch, rounding_, rounding_failure_);
  const NamedTensors& folded = *made;
  for (const auto& [name, tensor] : *own) all_double = all_double && tensor.dtype() != DType::kFloat;
  const Precision& arithmetic = all_double ? kDoubleArithmetic : kFloatArithmetic;
  NamedTensors reach = truth.magnitudes;
  if (!all_double && !(truth.peak * 1.001 < arithmetic.largest)) {
    PLEAT_ASSIGN(reach, unfolded_->magnitudes(inputs, outputs_, arithmetic.largest, truth.peak));
  }
  PLEAT_ASSIGN(const Counts counts, folded_->count(shapes, truth.input_peaks));
  for (const std::string& output : region_.outputs) {
    const RoundingCount after = count_of(counts, output);
    const OutputBound bound = output_bound(count_of(truth.counts, output), after, arithmetic, storage_);
    compare_output({"region output", output, own->at(output), folded.at(output), truth.outputs.at(output),
                    truth.magnitudes.at(output), reach.at(output), bound, find(truth.folded, output), samples, batch},
                   rounding_, rounding_failure_);
  }
  return {};
}

/// A right rewrite runs on whatever the unfolded part runs on.
Status RegionCheck::does_not_run(const Error& error, const std::string& samples, std::int64_t batch,
                                 LayerFigures& figures, std::optional<Finding>& failure) {
  if (error.code == ErrorCode::kResource) return fail(error);
  ++figures.failed;
  if (failure) return {};
  failure = Finding{"the folded region does not run: " + error.text(),
                    figures.batch_norm,
                    figures.node,
                    region_.outputs.front(),
                    samples,
                    batch};
  return {};
}

void RegionCheck::compare_output(const Sides& sides, LayerFigures& figures, std::optional<Finding>& failure) const {
  Finding finding{sides.what, figures.batch_norm, figures.node, sides.output, sides.samples, sides.batch};
  const auto record = [&](bool good) {
    if (figures.worst.element < 0 || finding.ratio > figures.worst.ratio) figures.worst = finding;
    if (good) return;
    ++figures.failed;
    if (!failure) failure = finding;
  };
  figures.roundings = std::max(figures.roundings, static_cast<std::int64_t>(std::ceil(sides.bound.roundings)));
  const Shape& shape = sides.unfolded.shape();
  const bool floating = is_floating(sides.unfolded.dtype());
  if (shape != sides.folded.shape() || sides.unfolded.dtype() != sides.folded.dtype() || !floating) {
    figures.compared += sides.unfolded.elements();
    finding.element = 0;
    const bool same = shape == sides.folded.shape() && std::ranges::equal(sides.unfolded.bytes(), sides.folded.bytes());
    if (!same) finding.what = floating ? "the shape of a region's output" : "an integer output of a region";
    finding.ratio = same ? 0 : HUGE_VAL;
    return record(same);
  }
  const auto count = static_cast<std::size_t>(sides.unfolded.elements());
  const auto inner = static_cast<std::size_t>(std::max<std::int64_t>(1, shape.elements(2, std::max(2, shape.rank()))));
  for (std::size_t i = 0; i < count; ++i) {
    const double unfolded = value_at(sides.unfolded, i);
    const double folded = value_at(sides.folded, i);
    const double bound = sides.bound.at(value_at(sides.magnitude, i));
    double ratio = 0;
    if (std::isfinite(unfolded) && std::isfinite(folded)) {
      const double distance = std::fabs(unfolded - folded);
      if (distance != 0)
        ratio = std::isfinite(bound) || sides.folded_in_double != nullptr ? distance / bound : HUGE_VAL;
      if (std::isnan(ratio)) ratio = HUGE_VAL;
    } else if (!same_class(unfolded, folded)) {
      // Where double gives a finite value too, only the order of the sums can have overflowed.
      const bool by_order = std::isfinite(value_at(sides.reference, i)) && !std::isfinite(value_at(sides.reach, i));
      // An infinite input meets sums that overflow, or weights that vanished, in one of the two alone.
      const bool by_infinity = sides.folded_in_double != nullptr &&
                               same_class(value_at(sides.reference, i), value_at(*sides.folded_in_double, i));
      if (by_order || by_infinity) ++figures.overflow_order;
      ratio = by_order || by_infinity ? 0 : HUGE_VAL;
    }
    figures.ratios.add(ratio);
    const bool good = ratio <= 1;
    if (good && figures.worst.element >= 0 && ratio <= figures.worst.ratio) continue;
    finding.element = static_cast<std::int64_t>(i);
    if (shape.rank() > 1) finding.channel = static_cast<std::int64_t>(i / inner) % shape[1];
    finding.unfolded = unfolded;
    finding.folded = folded;
    finding.reference = value_at(sides.reference, i);
    finding.bound = bound;
    finding.ratio = ratio;
    record(good);
  }
  figures.compared += static_cast<std::int64_t>(count);
}

Result<GoldenData> RegionCheck::golden_for(const NamedTensors& inputs) const {
  const Evaluator evaluator(region_.unfolded, Arithmetic::kDouble, threads_);
  GoldenData golden{inputs, {}};
  PLEAT_ASSIGN(golden.outputs, evaluator.run(inputs, outputs_));
  return golden;
}

}  // namespace pleat
