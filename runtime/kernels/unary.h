#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// Functions of one value, a and b their parameters.
enum class Unary {
  kIdentity,
  kAbs,
  kCeil,
  kCelu,  ///< max(0, x) + min(0, a·(e^(x/a) - 1))
  kClip,  ///< min(max(x, a), b)
  kElu,   ///< x < 0 ? a·(e^x - 1) : x
  kErf,
  kExp,
  kFloor,
  kGelu,
  kGeluHalvedFirst,  ///< (x/2)·(1 + erf(a·x + b·x)), rounded step by step, a + b near √½
  kGeluHalvedLast,   ///< (x·(1 + erf(a·x + b·x)))/2, likewise
  kGeluTanh,
  kHardSigmoid,  ///< max(0, min(1, a·x + b))
  kHardSwish,    ///< x·max(0, min(1, x/6 + 1/2))
  kLeakyRelu,    ///< x < 0 ? a·x : x
  kLog,
  kMish,  ///< x·tanh(ln(1 + e^x))
  kReciprocal,
  kRelu,    ///< x < 0 ? 0 : x, so NaN and -0 stay
  kRound,   ///< halves to even
  kSelu,    ///< b·(x > 0 ? x : a·(e^x - 1))
  kShrink,  ///< x < -a ? x + b : x > a ? x - b : 0
  kSigmoid,
  kSign,
  kSilu,      ///< x·sigmoid(x)
  kSoftplus,  ///< ln(1 + e^x)
  kSoftsign,  ///< x / (1 + |x|)
  kSqrt,
  kTanh,
  kThresholdedRelu,  ///< x > a ? x : 0
};

/// A function with its parameters; by default the identity.
struct Activation {
  Unary function = Unary::kIdentity;
  float a = 0, b = 0;

  friend bool operator==(const Activation&, const Activation&) = default;
};

/// y[i] = f(x[i]) for i < count, T = float or double; y may be x. NaN gives NaN but for ThresholdedRelu and Shrink,
/// where it gives 0. Same bits on every instruction set; the formulas and their bounds stand in the *_sequences.h.
template <class T>
void unary(Unary function, T a, T b, const T* x, T* y, std::int64_t count, ThreadPool& pool);

/// The same on the calling thread alone.
void activate(const Activation& f, const float* x, float* y, std::int64_t count);

/// Likewise in place on rows that lie `step` elements apart, as a tile of a larger matrix does.
template <class T>
void activate_rows(const Activation& f, T* y, std::int64_t rows, std::int64_t columns, std::int64_t step);

}  // namespace pleat
