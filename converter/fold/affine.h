#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "converter/fold/exact.h"
#include "runtime/base/result.h"
#include "runtime/tensor/tensor.h"

namespace pleat {

/// The one arithmetic behind every fold. A channel-wise map y_c = scale_c · x_c + shift_c, kept in double-double so
/// that a folded parameter is rounded once, at the end, and a certificate can hold it to half a unit in the last place.
///
/// With γ, β, μ, σ² and ε of a BatchNormalization, evaluated in this order:
///   scale = γ / √(σ² + ε)                      (sum, root, quotient)
///   shift = β − μ · scale                      (product, difference)
/// and for the layer before it, whose weights w and bias b (0 where absent) belong to channel c:
///   w' = round(scale · w)                      (product)
///   b' = round(scale · b + shift)              (product, sum), which is scale · (b − μ) + β
struct Affine {
  std::vector<DoubleDouble> scale;
  std::vector<DoubleDouble> shift;
  std::vector<double> shift_terms;  ///< |β| + |μ·scale|: what the evaluation of shift may be off by is relative to

  std::size_t channels() const { return scale.size(); }
};

/// Parameters of one BatchNormalization, all of one length.
struct BatchNormParameters {
  std::vector<double> gamma;
  std::vector<double> beta;
  std::vector<double> mean;
  std::vector<double> variance;
  double epsilon = 1e-5F;
};

Affine affine_of(const BatchNormParameters& parameters);
/// The same with γ and β that an earlier fold changed, before their rounding.
Affine affine_of(const BatchNormParameters& parameters, std::span<const DoubleDouble> gamma,
                 std::span<const DoubleDouble> beta);

/// A parameter tensor after its one rounding.
struct FoldedTensor {
  Tensor tensor;
  std::int64_t flushed = 0;     ///< subnormal float values set to zero
  std::int64_t not_finite = 0;  ///< values beyond the storage type
  double largest = 0;           ///< largest absolute value before rounding
};

/// `flush_subnormals` concerns float alone: |v| < 2⁻¹²⁶ becomes 0.
Result<FoldedTensor> round_once(const ExactConstant& constant, bool flush_subnormals);

}  // namespace pleat
