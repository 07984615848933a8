#pragma once

#include <cstdint>

#include "runtime/base/thread_pool.h"

namespace pleat {

/// Functions of one value, a and b their parameters.
enum class Unary {
  kAbs,
  kCeil,
  kCelu,  ///< max(0, x) + min(0, a·(e^(x/a) - 1))
  kClip,  ///< min(max(x, a), b)
  kElu,   ///< x < 0 ? a·(e^x - 1) : x
  kErf,
  kFloor,
  kGelu,
  kGeluTanh,
  kHardSigmoid,  ///< max(0, min(1, a·x + b))
  kHardSwish,    ///< x·max(0, min(1, x/6 + 1/2))
  kLeakyRelu,    ///< x < 0 ? a·x : x
  kLog,
  kMish,  ///< x·tanh(ln(1 + e^x))
  kReciprocal,
  kRound,   ///< halves to even
  kSelu,    ///< b·(x > 0 ? x : a·(e^x - 1))
  kShrink,  ///< x < -a ? x + b : x > a ? x - b : 0
  kSign,
  kSoftplus,  ///< ln(1 + e^x)
  kSoftsign,  ///< x / (1 + |x|)
  kSqrt,
  kTanh,
  kThresholdedRelu,  ///< x > a ? x : 0
};

/// y[i] = f(x[i]) for i < count, T = float or double; y may be x. NaN gives NaN but for ThresholdedRelu and Shrink,
/// where it gives 0. Same bits on every instruction set; the formulas and their bounds stand in the *_sequences.h.
template <class T>
void unary(Unary function, T a, T b, const T* x, T* y, std::int64_t count, ThreadPool& pool);

}  // namespace pleat
