#pragma once

#include <cstdint>

#include "runtime/tensor/tensor.h"

namespace pleat {

/// How far two tensors of one shape lie apart, in the words every test and verdict uses.
struct Difference {
  double max_abs = 0;                 ///< over elements where both are finite
  double max_rel = 0;                 ///< |a-b| / |b| over elements where both are finite and b is not 0
  std::int64_t max_ulp = 0;           ///< representable values between them; 0 for types that are not float or double
  std::int64_t worst = -1;            ///< flat index of max_abs, -1 where there are no elements
  std::int64_t class_mismatches = 0;  ///< elements where one is NaN or ±Inf and the other is not the same
  bool same_bits = true;
};

/// Shapes and types must be equal, else kInvalid.
Result<Difference> compare(const TensorView& a, const TensorView& b);

/// |a-b| <= atol + rtol*|b| for every element; NaN equals NaN, infinities equal their like.
Result<bool> all_close(const TensorView& a, const TensorView& b, double rtol, double atol);

/// Steps between neighbouring representable values from a to b; equal zeros of either sign are 0 apart.
std::int64_t ulp_distance(float a, float b);
std::int64_t ulp_distance(double a, double b);

/// Rows (all axes but the last) where the index of the first largest element agrees.
Result<std::int64_t> argmax_agreement(const TensorView& a, const TensorView& b);

}  // namespace pleat
