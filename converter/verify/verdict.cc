#include "converter/verify/verdict.h"

#include <algorithm>
#include <cmath>

namespace pleat {

const char* rung_name(Rung rung) {
  switch (rung) {
    case Rung::kStructure: return "structure";
    case Rung::kParameters: return "parameters";
    case Rung::kAlgebra: return "algebra";
    case Rung::kRounding: return "rounding";
    case Rung::kEndToEnd: return "end to end";
    case Rung::kClasses: return "classes";
  }
  return "";
}

void RatioHistogram::add(double ratio) {
  if (ratio == 0) {
    ++counts[0];
    return;
  }
  constexpr int kLast = static_cast<int>(kBins) - 1;
  int exponent = kLast;
  // ratio lies in (2^(e−1), 2^e]: frexp's mantissa is in [½, 1), so that a power of two belongs one lower.
  if (std::isfinite(ratio)) exponent = std::frexp(ratio, &exponent) == 0.5 ? exponent - 1 : exponent;
  const int bin = std::isfinite(ratio) ? std::clamp(exponent + kLast, 1, kLast) : kLast;
  ++counts[static_cast<std::size_t>(bin)];
}

const RungReport* Verdict::failure() const {
  if (passed) return nullptr;
  const auto it = std::find_if(rungs.begin(), rungs.end(), [](const RungReport& rung) { return !rung.holds(); });
  return it == rungs.end() ? nullptr : &*it;
}

}  // namespace pleat
