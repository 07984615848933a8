#pragma once

#include <cstdint>
#include <limits>

#include "runtime/kernels/blocked/planes.h"
#include "runtime/kernels/unary.h"

namespace pleat {

/// What of an activation a kernel does in its registers: x < low ? low : x, then high < x ? high : x, which are
/// identity, ReLU and clip to the bit. Where that is not `whole`, the kernel calls activate() on what it has stored.
struct Bounds {
  float low = -std::numeric_limits<float>::infinity();
  float high = std::numeric_limits<float>::infinity();
  bool whole = true;
};

constexpr Bounds bounds_of(const Activation& f) {
  Bounds bounds;
  switch (f.function) {
    case Unary::kIdentity: break;
    case Unary::kRelu: bounds.low = 0; break;
    case Unary::kClip:
      bounds.low = f.a;
      bounds.high = f.b;
      break;
    default: bounds.whole = false;
  }
  return bounds;
}

/// Whether f(0), which spare lanes become, is no finite value.
constexpr bool is_wild_at_zero(const Activation& f) {
  return f.function == Unary::kLog || f.function == Unary::kReciprocal;
}

/// Pixels that stay in the first cache between what stores them and the activation after it.
inline constexpr std::int64_t kHotPixels = 192;

namespace reference {

inline float bounded(const Bounds& bounds, float x) {
  x = x < bounds.low ? bounds.low : x;
  return bounds.high < x ? bounds.high : x;
}

}  // namespace reference
}  // namespace pleat
