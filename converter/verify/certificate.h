#pragma once

#include "converter/verify/layer.h"
#include "converter/verify/verdict.h"

namespace pleat {

/// Rung 2. For every folded constant v' of storage precision p and its exact value v, recomputed here in double-double:
///   |v' − v| <= ½·ulp_p(v) + 2⁻⁹⁸·(|v| or, for a bias, the sum of its terms' absolute values)
/// The second term covers the double-double evaluation of folder and verifier, each below 2⁻⁹⁹: for float it is 2⁻⁷³ of
/// half a unit, so only an exact tie could hide behind it. A float may be 0 where |v| < 2⁻¹²⁶ (flushed subnormals).
RungReport check_parameters(const Model& folded, const std::vector<CheckedLayer>& layers);

/// The exact folded constants rounded once to double: what rung 3 runs with.
struct ExactParameters {
  Tensor weight;
  Tensor bias;
};
Result<ExactParameters> exact_parameters(const CheckedLayer& layer);

}  // namespace pleat
