#pragma once

#include <vector>

#include "converter/verify/layer.h"

namespace pleat {

/// The arithmetic a network is run in.
struct Precision {
  double unit_roundoff;    ///< u: half the distance from 1 to the next number
  double smallest_normal;  ///< below it, numbers lose bits or are flushed
  double half_subnormal;   ///< half the smallest positive number: what gradual underflow may lose per rounding
  double largest;
};
inline constexpr Precision kFloatArithmetic{0x1p-24, 0x1p-126, 0x1p-150, 0x1.fffffep127};
inline constexpr Precision kDoubleArithmetic{0x1p-53, 0x1p-1022, 0x1p-1074, 0x1.fffffffffffffp1023};

/// γ_n = n·u / (1 − n·u) of error analysis: what n roundings of relative size u can do to a product.
double gamma(double n, double u);

/// How far the folded and the unfolded layer may lie apart on the same input, per output element of one channel:
///   T = per_magnitude·A + fixed + per_input·max|x|,   A = Σ|w||x| of the element's products.
///
/// Each output of the runtime is one chain of K fused multiply-adds, so a product meets at most K roundings there; a
/// BatchNormalization after it adds 8 to what it reads, 7 to mean·scale and 2 to its bias. With u of the arithmetic,
/// S the product of all scales, B* the exact folded bias and n steps:
///   unfolded  γ_{K+8n}·|S|(A+|b|) + Σ_i |S_{>i}|·(γ_{7+8(n−i)}·|s_i μ_i| + γ_{2+8(n−i)}·|β_i|)
///   folded    γ_{K+2}·(|S|A + |B*|)
/// plus 3 roundings each for a Gemm's alpha and beta, plus what underflow may lose: (K+4)(1+|S|) halves of the smallest
/// number, and for weights or biases that fold to less than the smallest normal number that number each.
/// `parameters` says how the folded weights were rounded: γ_{K+2} holds where they are of the arithmetic's own type.
struct ChannelBound {
  double per_magnitude = 0;
  double fixed = 0;
  double per_input = 0;
  double scale = 0;         ///< |S|
  double offset_terms = 0;  ///< |S||b| + all |S_{>i}|(|s_i μ_i| + |β_i|)
  double bias = 0;          ///< |b|

  double at(double magnitude, double max_input) const {
    return per_magnitude * magnitude + fixed + per_input * max_input;
  }
  /// Largest absolute value that any partial sum of either form can take.
  double reach(double magnitude) const {
    const double unfolded = magnitude + bias;
    const double folded = scale * magnitude + offset_terms;
    return unfolded > folded ? unfolded : folded;
  }
};

std::vector<ChannelBound> channel_bounds(const CheckedLayer& layer, const Precision& precision);

/// What rounding the folded parameters to `storage` may add to a layer computed in a wider arithmetic:
/// u(|S|A + |B*|), and the smallest normal number where a parameter falls below it.
std::vector<ChannelBound> parameter_bounds(const CheckedLayer& layer, const Precision& storage);

}  // namespace pleat
