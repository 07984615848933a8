#include "converter/verify/verdict.h"

#include <algorithm>

namespace pleat {

const char* rung_name(Rung rung) {
  switch (rung) {
    case Rung::kStructure: return "structure";
    case Rung::kParameters: return "parameters";
    case Rung::kAlgebra: return "algebra";
    case Rung::kRounding: return "rounding";
    case Rung::kEndToEnd: return "end to end";
  }
  return "";
}

const RungReport* Verdict::failure() const {
  const auto it = std::find_if(rungs.begin(), rungs.end(), [](const RungReport& r) { return r.ran && !r.passed; });
  return it == rungs.end() ? nullptr : &*it;
}

}  // namespace pleat
