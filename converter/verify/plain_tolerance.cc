#include "converter/verify/plain_tolerance.h"

#include <cmath>

#include "runtime/tensor/compare.h"

namespace pleat {

bool PlainTolerance::agrees(double folded, double unfolded, bool in_float) const {
  if (std::isnan(folded) || std::isnan(unfolded)) return std::isnan(folded) && std::isnan(unfolded);
  if (std::isinf(folded) || std::isinf(unfolded)) return folded == unfolded;
  if (std::fabs(folded - unfolded) <= atol + rtol * std::fabs(unfolded)) return true;
  if (max_ulp < 0) return false;
  const std::int64_t apart = in_float ? ulp_distance(static_cast<float>(folded), static_cast<float>(unfolded))
                                      : ulp_distance(folded, unfolded);
  return apart <= max_ulp;
}

}  // namespace pleat
