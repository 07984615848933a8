#include "converter/verify/certificate.h"

#include <cmath>

namespace pleat {
namespace {

constexpr double kEvaluationError = 0x1p-98;

struct StoredFormat {
  int digits;
  int min_exponent;  ///< of the smallest normal number, as in 2^min_exponent
  bool may_flush;
};

Result<StoredFormat> format_of(DType dtype) {
  switch (dtype) {
    case DType::kFloat: return StoredFormat{24, -126, true};
    case DType::kDouble: return StoredFormat{53, -1022, false};
    case DType::kFloat16: return StoredFormat{11, -14, false};
    case DType::kBfloat16: return StoredFormat{8, -126, false};
    default: return fail(Error::check_failed("a folded constant is not of a floating-point type"));
  }
}

double ulp(double value, const StoredFormat& format) {
  int exponent = 0;
  std::frexp(value, &exponent);
  const int floor = format.min_exponent - format.digits + 1;
  return std::ldexp(1.0, std::max(value == 0 ? floor : exponent - format.digits, floor));
}

/// One constant's elements against their exact values.
class Certificate {
 public:
  Certificate(const CheckedLayer& layer, std::string what, std::string name, LayerFigures& figures, RungReport& report)
      : layer_(layer), what_(std::move(what)), name_(std::move(name)), figures_(figures), report_(report) {}

  Status run(const Tensor& stored, const Shape& shape, const std::vector<DoubleDouble>& exact,
             const std::vector<double>& terms, const std::vector<std::size_t>& channel) {
    PLEAT_ASSIGN(format_, format_of(stored.dtype()));
    PLEAT_ASSIGN(const std::vector<double> values, to_doubles(stored));
    if (stored.shape() != shape) return fail(Error::check_failed("'" + name_ + "' has another shape than it should"));
    for (std::size_t i = 0; i < values.size(); ++i) compare(i, channel[i], values[i], exact[i], terms[i]);
    return {};
  }

 private:
  void compare(std::size_t element, std::size_t channel, double stored, DoubleDouble exact, double terms) {
    const double distance = std::fabs((exact - DoubleDouble(stored)).hi);
    const double half_unit = ulp(exact.hi, format_) / 2;
    const double bound = half_unit + kEvaluationError * terms;
    const bool flushed = format_.may_flush && stored == 0 && std::fabs(exact.hi) < 0x1p-126;
    const bool good = flushed || distance <= bound;
    ++figures_.compared;
    const double ratio = flushed ? 0 : std::isfinite(distance) ? distance / bound : HUGE_VAL;
    if (good && ratio <= figures_.worst.ratio && figures_.worst.element >= 0) return;
    Finding finding;
    finding.what = what_;
    finding.batch_norm = layer_.batch_norm;
    finding.node = layer_.target;
    finding.tensor = name_;
    finding.element = static_cast<std::int64_t>(element);
    finding.channel = static_cast<std::int64_t>(channel);
    finding.unfolded = finding.reference = exact.hi;
    finding.folded = stored;
    finding.bound = bound;
    finding.ratio = ratio;
    if (figures_.worst.element < 0 || ratio > figures_.worst.ratio) figures_.worst = finding;
    if (good) return;
    ++figures_.failed;
    if (!report_.first_failure) report_.first_failure = finding;
  }

  const CheckedLayer& layer_;
  std::string what_, name_;
  LayerFigures& figures_;
  RungReport& report_;
  StoredFormat format_{};
};

struct ExactValues {
  std::vector<DoubleDouble> values;
  std::vector<double> terms;
  std::vector<std::size_t> channel;
};

Result<ExactValues> exact_weight(const CheckedLayer& layer) {
  PLEAT_ASSIGN(const std::vector<double> old, to_doubles(layer.weight));
  const Shape& shape = layer.weight.shape();
  const auto inner = static_cast<std::size_t>(shape.elements(layer.weight_axis + 1, shape.rank()));
  ExactValues exact;
  for (std::size_t i = 0; i < old.size(); ++i) {
    const std::size_t c = i / inner % layer.channels();
    exact.values.push_back(layer.scale[c] * DoubleDouble(old[i]));
    exact.terms.push_back(std::fabs(exact.values.back().hi));
    exact.channel.push_back(c);
  }
  return exact;
}

ExactValues exact_bias(const CheckedLayer& layer) {
  ExactValues exact{layer.moved, layer.moved_terms, {}};
  for (std::size_t i = 0; i < layer.moved.size(); ++i) exact.channel.push_back(i % layer.channels());
  return exact;
}

Shape bias_shape(const CheckedLayer& layer) {
  const auto channels = static_cast<std::int64_t>(layer.channels());
  return layer.bias_rows == 1 ? Shape{channels} : Shape{layer.bias_rows, channels};
}

Status certify(const Graph& folded, const CheckedLayer& layer, LayerFigures& figures, RungReport& report) {
  const Initializer* weight = folded.initializer(layer.new_weight);
  const Initializer* bias = folded.initializer(layer.new_bias);
  if (weight == nullptr || bias == nullptr) return fail(Error::check_failed("a folded constant is missing"));
  PLEAT_ASSIGN(ExactValues exact, exact_weight(layer));
  PLEAT_TRY(Certificate(layer, "folded weight", layer.new_weight, figures, report)
                .run(weight->tensor, layer.weight.shape(), exact.values, exact.terms, exact.channel));
  exact = exact_bias(layer);
  return Certificate(layer, "folded bias", layer.new_bias, figures, report)
      .run(bias->tensor, bias_shape(layer), exact.values, exact.terms, exact.channel);
}

}  // namespace

RungReport check_parameters(const Model& folded, const std::vector<CheckedLayer>& layers) {
  RungReport report;
  report.rung = Rung::kParameters;
  report.ran = true;
  std::int64_t compared = 0;
  double worst = 0;
  for (const CheckedLayer& layer : layers) {
    LayerFigures figures;
    figures.batch_norm = layer.batch_norm;
    figures.node = layer.target;
    if (const Status status = certify(folded.graph, layer, figures, report); !status) {
      ++figures.failed;
      if (!report.first_failure) {
        report.first_failure = Finding{};
        report.first_failure->what = status.error().what;
        report.first_failure->batch_norm = layer.batch_norm;
        report.first_failure->node = layer.target;
      }
    }
    compared += figures.compared;
    worst = std::max(worst, figures.worst.ratio);
    report.layers.push_back(std::move(figures));
  }
  report.passed = !report.first_failure;
  report.text = report.passed ? std::to_string(compared) + " folded values are the exact ones, rounded once"
                              : "a folded value is not the exact one rounded once";
  return report;
}

Result<ExactParameters> exact_parameters(const CheckedLayer& layer) {
  const auto nearest = [](const std::vector<DoubleDouble>& values) {
    std::vector<double> out;
    out.reserve(values.size());
    for (const DoubleDouble& value : values) out.push_back(value.hi);
    return out;
  };
  PLEAT_ASSIGN(const ExactValues weight, exact_weight(layer));
  ExactParameters exact;
  PLEAT_ASSIGN(exact.weight, from_doubles(DType::kDouble, layer.weight.shape(), nearest(weight.values)));
  PLEAT_ASSIGN(exact.bias, from_doubles(DType::kDouble, bias_shape(layer), nearest(layer.moved)));
  return exact;
}

}  // namespace pleat
