#pragma once

#include "converter/fold/exact.h"
#include "converter/verify/regions.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Rung 2. For every new constant v' of storage precision p and its exact value v, taken element by element from
/// `exact`:
///   |v' − v| <= ½·ulp_p(v) + 2⁻⁹⁸·(sum of the absolute values of v's terms)
/// The second term covers the double-double evaluation of v: for float it is 2⁻⁷³ of half a unit, so only an exact tie
/// could hide behind it. A float may be 0 where |v| < 2⁻¹²⁶ (flushed subnormals). That v itself is right is not claimed
/// here: rung 3 proves it. Where nobody says what the exact values are (`exact` null), the rung is excused.
RungReport check_parameters(const std::vector<Region>& regions, const ExactConstants* exact);

}  // namespace pleat
