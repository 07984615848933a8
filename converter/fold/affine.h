#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "converter/fold/double_double.h"
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

/// `first`, then `second`: scale = s₂·s₁, shift = s₂·t₁ + t₂.
Affine compose(const Affine& first, const Affine& second);

/// A parameter tensor after its one rounding.
struct FoldedTensor {
  Tensor tensor;
  std::int64_t flushed = 0;     ///< subnormal float values set to zero
  std::int64_t not_finite = 0;  ///< values beyond the storage type
};

struct StorageOptions {
  DType dtype = DType::kFloat;
  bool flush_subnormals = true;  ///< for float only: |v| < 2⁻¹²⁶ becomes 0
};

/// `weight` with every element of position c along `axis` multiplied by scale_c.
/// The axis must have as many positions as the map has channels.
Result<FoldedTensor> fold_weight(const Tensor& weight, int axis, const Affine& affine, const StorageOptions& storage);

/// The bias after folding, of shape `shape` whose last axis is the channel; `bias` is row-major of that shape.
Result<FoldedTensor> fold_bias(std::span<const DoubleDouble> bias, Shape shape, const Affine& affine,
                               const StorageOptions& storage);

}  // namespace pleat
