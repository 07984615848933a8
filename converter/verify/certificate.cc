#include "converter/verify/certificate.h"

#include <algorithm>
#include <cmath>

#include "converter/verify/constant_facts.h"

namespace pleat {
namespace {

constexpr double kEvaluationError = 0x1p-98;

struct StoredFormat {
  int digits;
  int min_exponent;  ///< of the smallest normal number, as in 2^min_exponent
  bool may_flush;
};

StoredFormat format_of(DType dtype) {
  switch (dtype) {
    case DType::kDouble: return {53, -1022, false};
    case DType::kFloat16: return {11, -14, false};
    case DType::kBfloat16: return {8, -126, false};
    default: return {24, -126, true};
  }
}

/// The distance between neighbours of `value` in the format.
double ulp(double value, const StoredFormat& format) {
  const int floor = format.min_exponent - format.digits + 1;
  if (value == 0 || !std::isfinite(value)) return std::ldexp(1.0, floor);
  return std::ldexp(1.0, std::max(std::ilogb(value) + 1 - format.digits, floor));
}

/// The new constants of one region against their exact values.
class Certificate {
 public:
  Certificate(const Region& region, const ExactConstants& exact, RungReport& report)
      : region_(region), exact_(exact), report_(report) {}

  LayerFigures run() {
    for (const std::string& name : region_.batch_norms) append(figures_.batch_norm, name);
    for (const std::string& name : region_.targets) append(figures_.node, name);
    for (const std::string& name : region_.new_constants) {
      const Tensor& stored = region_.folded.graph.initializer(name)->tensor;
      const auto known = exact_.find(name);
      if (known == exact_.end()) {
        reject(name, "a constant was added whose exact value is not known");
      } else if (known->second.shape != stored.shape() || known->second.dtype != stored.dtype()) {
        reject(name, "a folded constant has another shape or type than it should");
      } else {
        compare(name, stored, known->second);
      }
    }
    return std::move(figures_);
  }

 private:
  static void append(std::string& list, const std::string& name) { list += (list.empty() ? "" : ", ") + name; }

  Finding finding(const std::string& name) const {
    Finding found;
    found.batch_norm = figures_.batch_norm;
    found.node = figures_.node;
    found.tensor = name;
    return found;
  }

  void reject(const std::string& name, const char* why) {
    ++figures_.failed;
    if (report_.first_failure) return;
    report_.first_failure = finding(name);
    report_.first_failure->what = why;
  }

  void compare(const std::string& name, const Tensor& stored, const ExactConstant& exact) {
    const StoredFormat format = format_of(stored.dtype());
    for_each_value(stored, [&](std::size_t i, double value) {
      const DoubleDouble right = exact.value(i);
      const double distance = std::fabs((right - DoubleDouble(value)).hi);
      const bool flushed = format.may_flush && value == 0 && std::fabs(right.hi) < 0x1p-126;
      double ratio = 0;
      double bound = 0;
      if (distance != 0 && !flushed) {
        bound = ulp(right.hi, format) / 2 + kEvaluationError * exact.terms(i);
        ratio = std::isfinite(distance) ? distance / bound : HUGE_VAL;
      }
      ++figures_.compared;
      figures_.ratios.add(ratio);
      const bool good = ratio <= 1;
      if (good && figures_.worst.element >= 0 && ratio <= figures_.worst.ratio) return;
      Finding found = finding(name);
      found.what = "folded constant";
      found.element = static_cast<std::int64_t>(i);
      found.channel = exact.channel(i);
      found.unfolded = found.reference = right.hi;
      found.folded = value;
      found.bound = bound != 0 ? bound : ulp(right.hi, format) / 2;
      found.ratio = ratio;
      if (figures_.worst.element < 0 || ratio > figures_.worst.ratio) figures_.worst = found;
      if (good) return;
      ++figures_.failed;
      if (!report_.first_failure) report_.first_failure = std::move(found);
    });
  }

  const Region& region_;
  const ExactConstants& exact_;
  RungReport& report_;
  LayerFigures figures_;
};

}  // namespace

RungReport check_parameters(const std::vector<Region>& regions, const ExactConstants* exact) {
  RungReport report;
  report.rung = Rung::kParameters;
  if (exact == nullptr) {
    report.excused = true;
    report.text = "nobody says what the new constants are before rounding: rung 3 judges them as they are stored";
    return report;
  }
  report.ran = true;
  std::int64_t compared = 0;
  for (const Region& region : regions) {
    report.layers.push_back(Certificate(region, *exact, report).run());
    compared += report.layers.back().compared;
  }
  report.passed = !report.first_failure;
  report.text = report.passed ? std::to_string(compared) + " folded values are the exact ones, rounded once"
                              : "a folded value is not the exact one rounded once";
  return report;
}

}  // namespace pleat
